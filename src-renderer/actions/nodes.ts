import type { ActionName, Actions } from '../../src-wire/gateway/actions.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { pathOf } from '../api/kube.ts'
import { lossesOf, planDrain } from '../drain/plan.ts'
import { at, listAt } from '../kinds/view.ts'
import { toEach } from './each.ts'
import type { Action, ActionWorld } from './index.ts'
import { onKind } from './needs.ts'
import { mergeInto } from './patch.ts'

const cordoned = (node: unknown): boolean => at(node, 'spec', 'unschedulable') === true

function cordon(id: 'cordon' | 'uncordon'): Action {
  return {
    id,
    icon: id,
    needs: onKind('patch'),
    many: true,
    applies: (view, node) => view.id === 'nodes' && cordoned(node) === (id === 'uncordon'),
    async run(world, view, nodes) {
      const body = { spec: { unschedulable: id === 'cordon' ? true : null } }
      await toEach(world, nodes, (node) => mergeInto(world, view, node, body))
    },
  }
}

/** Whether a node takes pods, as far as its last word goes (kubernetes.io, "Node status: Conditions"). */
export const isReady = (node: KubeObject): boolean =>
  listAt(node, 'status', 'conditions').some((one) => at(one, 'type') === 'Ready' && at(one, 'status') === 'True')

/** Where its machine is not known the node's own word counts; one that is not heard of may be either. */
const whyNotStart: Action['whyOff'] = (_view, node, { machineOf, t }) => {
  const { name } = node.metadata
  const machine = machineOf(name) ?? (isReady(node) ? 'running' : undefined)
  if (machine === 'missing') return t('nodeOff.missing', { name })
  return machine === 'running' ? t('nodeOff.runs', { name }) : ''
}
const whyNotStop: Action['whyOff'] = (_view, { metadata: { name } }, { machineOf, t }) => {
  const machine = machineOf(name)
  if (machine === 'missing') return t('nodeOff.missing', { name })
  return machine === undefined || machine === 'running' ? '' : t('nodeOff.stopped', { name })
}

type NodeAction = Extract<ActionName, 'node.stop' | 'node.start' | 'node.remove'>

/** Something only Drydock can do, to nodes of a cluster it runs. */
function appAction(
  name: NodeAction,
  { icon, danger, whyOff }: Pick<Action, 'icon' | 'whyOff'> & { danger: boolean },
): Action {
  const id = name.replace('.', '-')
  return {
    id,
    icon,
    danger,
    ...(whyOff ? { whyOff } : {}),
    applies: (view, _node, world) => view.id === 'nodes' && world.own,
    async run(world, _view, nodes) {
      const node = nodes[0]!.metadata.name
      const { ui, t } = world
      if (danger) {
        const confirmed = await ui.ask({
          title: t(`confirm.${id}`, { name: node }),
          body: t(`confirm.${id}-body`),
          verb: t(`actions.${id}`),
          danger,
        })
        if (confirmed === false) return
      }
      try {
        await runAction(world, name, { name: node }, `${t(`actions.${id}`)} ${node}`)
      } finally {
        world.machinesChanged()
      }
    },
  }
}

/** Runs an action of the app, its steps and its end as messages. */
export async function runAction<Name extends ActionName>(
  { cluster, ui, t }: Pick<ActionWorld, 'cluster' | 'ui' | 't'>,
  name: Name,
  input: Actions[Name]['input'],
  title: string,
): Promise<void> {
  await ui.attempt(async () => {
    await cluster.kube.connection.action(cluster.id, name, input, (text) => ui.toast('info', `${title}: ${text}`))
    ui.toast('info', t('done.action', { title }))
  })
}

/** Shows who goes, and what is lost with them, before anything is done; the rest is told in the dock. */
const drain: Action = {
  id: 'drain',
  icon: 'drain',
  needs: onKind('patch'),
  applies: (view) => view.id === 'nodes',
  async run({ cluster, ui, dock, t }, _view, nodes) {
    const node = nodes[0]!.metadata.name
    const query = { fieldSelector: `spec.nodeName=${node}` }
    const { items } = await cluster.kube.get<{ items: KubeObject[] }>(
      pathOf({ group: '', version: 'v1', resource: 'pods' }, { query }),
    )
    const { leaving } = planDrain(items)
    const confirmed = await ui.ask({
      title: t('confirm.drain', { name: node }),
      body: t(leaving.length > 0 ? 'confirm.drainBody' : 'confirm.drainNone'),
      items: leaving.map((pod) => [`${pod.metadata.namespace}/${pod.metadata.name}`, ...lossWords(pod, t)].join(' · ')),
      verb: t('actions.drain'),
      danger: true,
    })
    if (confirmed === false) return
    dock.add({ kind: 'drain', cluster: cluster.id, title: node, node })
  },
}

const lossWords = (pod: KubeObject, t: ActionWorld['t']): string[] => lossesOf(pod).map((loss) => t(`drain.${loss}`))

export const nodeActions: Action[] = [cordon('cordon'), cordon('uncordon'), drain]

/** What only a cluster of ours can do to its machines. */
export const nodeEnds: Action[] = [
  appAction('node.start', { icon: 'start', danger: false, whyOff: whyNotStart }),
  appAction('node.stop', { icon: 'stop', danger: true, whyOff: whyNotStop }),
  appAction('node.remove', { icon: 'remove', danger: true }),
]
