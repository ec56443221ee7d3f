import { existsSync, readFileSync } from 'node:fs'
import { existingCluster, providerOf } from '../../cluster/attach.ts'
import type { DataDirectory } from '../../cluster/data-directory.ts'
import { endHost } from '../../cluster/end-host.ts'
import { adminAccess, kubeconfigFor, removeFromUserKubeconfig } from '../../cluster/kubeconfig.ts'
import { UserError } from '../../cluster/user-error.ts'
import type { Output } from '../output.ts'
import type { Verb } from '../verb.ts'

export const down: Verb = {
  usage: 'down [--stop | --delete]',
  summary: 'End the control plane and freeze the nodes; --stop stops their containers, --delete removes everything',
  flags: ['delete', 'stop'],
  async run(_args, flags, output) {
    if (flags.delete && flags.stop) throw new UserError('--stop and --delete exclude each other.', 'Give one of them.')
    const directory = existingCluster(flags.name, flags.data)
    await endHost(directory)
    const alone = directory.settings(flags.name).alone === true
    // Made without nodes, a cluster has nothing in Docker, which need not even be there.
    const provider = alone ? undefined : (await providerOf(flags.name)).provider
    const nodes = (await provider?.list()) ?? []
    if (flags.delete) {
      await Promise.all(nodes.map(async (node) => provider?.delete(node.name)))
      await provider?.deleteShared()
      forgetContext(flags.name, directory, output)
      directory.delete()
      return output.result({ cluster: flags.name, deleted: true }, [`Cluster ${flags.name} is deleted.`])
    }
    for (const node of nodes) {
      if (flags.stop) await provider?.stop(node.name)
      else if (node.state === 'running') await provider?.pause(node.name)
    }
    if (alone) return output.result({ cluster: flags.name, nodes: 'none' }, [`Cluster ${flags.name} is down.`])
    output.result({ cluster: flags.name, nodes: flags.stop ? 'stopped' : 'paused' }, [
      `Cluster ${flags.name} is down; its nodes are ${flags.stop ? 'stopped' : 'frozen as they are'}.`,
    ])
  },
}

/** Takes out of the user's kubeconfig what `kubeconfig --merge` put there. One that cannot be read is told of and left as it is. */
function forgetContext(cluster: string, directory: DataDirectory, output: Output): void {
  const own = directory.file('kubeconfig')
  if (!existsSync(own)) return
  try {
    removeFromUserKubeconfig(kubeconfigFor(cluster, adminAccess(readFileSync(own, 'utf8'))))
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    output.note(error.message)
  }
}
