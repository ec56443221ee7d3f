import type { NodeStatus } from '../../src-wire/gateway/actions.ts'
import { useCluster, useIsOwn } from '../api/context.ts'
import type { Kube } from '../api/kube.ts'
import { remembering, type Remembered } from '../api/remembering.ts'

type State = NodeStatus['container']

/** The machines of a cluster of ours, which are known sooner and better than what their nodes last said. */
export interface Machines {
  /** Undefined as long as nobody knows, and in clusters of others. */
  stateOf(node: string): State | undefined
  /** Has them looked at anew: something was done to one. */
  forget(): void
}

/** Milliseconds that a look at the machines is good for. */
const fresh = 3000
/** By the connection of the cluster on screen: all that asks shares the answers. */
const known = new WeakMap<Kube, Remembered<string, ReadonlyMap<string, State>>>()

/** Must be called in setup, of a cluster's page. */
export function useMachines(): Machines {
  const { id, kube } = useCluster()
  const own = useIsOwn()
  const states = (): Remembered<string, ReadonlyMap<string, State>> => {
    let found = known.get(kube)
    if (!found) known.set(kube, (found = remembering((cluster: string) => statesIn(kube, cluster), { fresh })))
    return found
  }
  return {
    stateOf: (node) => (own.value ? states().of(id)?.get(node) : undefined),
    forget: () => states().forget(),
  }
}

async function statesIn({ connection }: Kube, cluster: string): Promise<ReadonlyMap<string, State>> {
  const { nodes } = await connection.action(cluster, 'cluster.status', {})
  return new Map(nodes.map(({ name, container }) => [name, container]))
}
