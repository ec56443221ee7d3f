import { refs } from '../../../src-kube/client/refs.ts'
import type { Client } from '../../../src-kube/client/typed-client.ts'
import type { Host } from '../../host/index.ts'
import type { Allocatable } from '../plan/pod-fields.ts'

/** What containers are told or given of the node that they run on. */
export interface NodeFacts {
  /** What the node's object says that pods may use, by resource. */
  allocatable(): Promise<Allocatable>
  /** Bytes of memory that the node has; asked of the machine once. */
  memoryCapacity(): Promise<number>
}

/** Where the node's labels and room are read, for containers that ask for them. */
export interface NodeFactsOptions {
  client: Client
  nodeName: string
  host: Pick<Host, 'facts'>
  signal: AbortSignal
}

/** `allocatable` is asked of the API server each time, so that a change counts at once; the capacity of the machine is read once. */
export function createNodeFacts({ client, nodeName, host, signal }: NodeFactsOptions): NodeFacts {
  let memory: number | undefined
  return {
    async allocatable() {
      const node = await client.resource(refs.nodes).get(nodeName, undefined, { signal })
      return (node.status?.allocatable ?? {}) as Allocatable
    },
    async memoryCapacity() {
      memory ??= (await host.facts()).memory
      return memory
    },
  }
}
