import { attach, attachedOperations, providerOf } from '../../cluster/attach.ts'
import { nearest } from '../../cluster/nearest.ts'
import { existingMachine } from '../../cluster/node-operations.ts'
import { UserError } from '../../cluster/user-error.ts'
import type { Verb } from '../verb.ts'

const actions = ['add', 'remove', 'stop', 'start'] as const
const done = { add: 'joined and is Ready', remove: 'is drained and removed', stop: 'is stopped', start: 'is Ready' }

export const node: Verb = {
  usage: 'node add|remove|stop|start NAME',
  summary: 'Add, drain and remove, stop or start a node of the running cluster',
  flags: [],
  async run([verb, name, ...rest], flags, output) {
    const action = actions.find((a) => a === verb)
    if (verb !== undefined && !action) {
      const meant = nearest(verb, actions)
      throw new UserError(
        `"${verb}" is no verb of drydock node.`,
        `${meant ? `Did you mean "${meant}"? ` : ''}Usage: drydock node add|remove|stop|start NAME; \`drydock status\` lists the nodes.`,
      )
    }
    if (!action || !name || rest.length > 0)
      throw new UserError('Say which node and what to do with it.', 'drydock node add|remove|stop|start NAME')
    const attached = attach(flags.name, flags.data)
    try {
      if (action === 'stop' && !attached.host.alone) await stop(flags.name, name)
      else {
        const operations = await attachedOperations(flags.name, attached, (line) => output.note(line))
        await operations[action](name)
      }
    } finally {
      attached.api.close()
    }
    output.result({ cluster: flags.name, node: name, action }, [`Node ${name} ${done[action]}.`])
  },
}

async function stop(cluster: string, name: string): Promise<void> {
  const { provider } = await providerOf(cluster)
  await existingMachine(provider, name)
  await provider.stop(name)
}
