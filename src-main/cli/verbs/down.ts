import { existingCluster, providerOf } from '../../cluster/attach.ts'
import { endHost } from '../../cluster/end-host.ts'
import { runRecipe } from '../../cluster/steps/recipe.ts'
import { deletionSteps } from '../../cluster/teardown.ts'
import { UserError } from '../../cluster/user-error.ts'
import type { Verb } from '../verb.ts'

export const down: Verb = {
  usage: 'down [--stop | --delete]',
  summary: 'End the control plane and freeze the nodes; --stop stops their containers, --delete removes everything',
  flags: ['delete', 'stop'],
  async run(_args, flags, output) {
    if (flags.delete && flags.stop) throw new UserError('--stop and --delete exclude each other.', 'Give one of them.')
    const directory = existingCluster(flags.name, flags.data)
    if (flags.delete) {
      await runRecipe(deletionSteps({ name: flags.name, directory, note: output.note }))
      return output.result({ cluster: flags.name, deleted: true }, [`Cluster ${flags.name} is deleted.`])
    }
    await endHost(directory)
    const alone = directory.settings(flags.name).alone === true
    // Made without nodes, a cluster has nothing in Docker, which need not even be there.
    const provider = alone ? undefined : (await providerOf(flags.name)).provider
    for (const node of (await provider?.list()) ?? []) {
      if (flags.stop) await provider?.stop(node.name)
      else if (node.state === 'running') await provider?.pause(node.name)
    }
    if (alone) return output.result({ cluster: flags.name, nodes: 'none' }, [`Cluster ${flags.name} is down.`])
    output.result({ cluster: flags.name, nodes: flags.stop ? 'stopped' : 'paused' }, [
      `Cluster ${flags.name} is down; its nodes are ${flags.stop ? 'stopped' : 'frozen as they are'}.`,
    ])
  },
}
