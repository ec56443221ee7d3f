import type { KubeList } from '../../../src-kube/machinery/meta.ts'
import type { Node } from '#types/core/v1'
import { isReady, listNodes } from '../../cluster/api.ts'
import { attach, existingCluster, providerOf } from '../../cluster/attach.ts'
import type { NodeMachine } from '../../cluster/provider.ts'
import { UserError } from '../../cluster/user-error.ts'
import { table } from '../output.ts'
import type { Verb } from '../verb.ts'

export const status: Verb = {
  usage: 'status',
  summary: 'Show the cluster: control plane, nodes, addresses',
  flags: [],
  async run(_args, flags, output) {
    const directory = existingCluster(flags.name, flags.data)
    const host = directory.host()
    const machines = await machinesOf(flags.name)
    const nodes = host ? await nodesOf(flags.name, flags.data) : undefined
    const rows = machines.map((machine) => {
      const node = nodes?.items.find((item) => item.metadata.name === machine.name)
      return { ...machine, ready: node ? isReady(node) : undefined }
    })
    const value = {
      cluster: flags.name,
      running: host !== undefined,
      server: host?.server,
      app: host?.app,
      data: directory.path,
      nodes: rows,
    }
    output.result(value, [
      `Cluster        ${flags.name}`,
      `Control plane  ${host ? `running at ${host.server} (process ${host.pid})` : 'not running'}`,
      ...(host?.app ? [`App            ${host.app}`] : []),
      `Data           ${directory.path}`,
      ...(rows.length > 0
        ? [
            '',
            ...table([
              ['NODE', 'MACHINE', 'READY', 'ADDRESS'],
              ...rows.map((r) => [r.name, r.state, word(r.ready), r.address]),
            ]),
          ]
        : ['Nodes          none']),
    ])
  },
}

const word = (ready: boolean | undefined): string => (ready === undefined ? 'unknown' : ready ? 'yes' : 'no')

/** A control plane alone needs no Docker: then there are no machines to speak of. */
async function machinesOf(name: string): Promise<NodeMachine[]> {
  try {
    return await (await providerOf(name)).provider.list()
  } catch (error) {
    if (error instanceof UserError) return []
    throw error
  }
}

async function nodesOf(name: string, data: string | undefined): Promise<KubeList<Node>> {
  const { api } = attach(name, data)
  try {
    return await listNodes(api)
  } finally {
    api.close()
  }
}
