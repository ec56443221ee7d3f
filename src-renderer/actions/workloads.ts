import { pathOf } from '../api/kube.ts'
import { listAt, numberAt, textAt } from '../kinds/view.ts'
import { toEach } from './each.ts'
import type { Action } from './index.ts'
import { onKind, onPods } from './needs.ts'
import { mergeInto } from './patch.ts'

const merge = 'application/merge-patch+json'

export const logsAction: Action = {
  id: 'logs',
  icon: 'logs',
  key: 'l',
  needs: onPods('get', 'log'),
  applies: (view, object) => view.id === 'pods' || (view.category === 'workloads' && !!view.podSelector?.(object)),
  run({ dock, cluster }, view, objects) {
    const object = objects[0]!
    const { name, namespace = 'default' } = object.metadata
    const selector = view.podSelector?.(object)
    const target = view.id === 'pods' ? { namespace, pod: name } : { namespace, selector: selector ?? {} }
    dock.add({ kind: 'logs', cluster: cluster.id, title: name, target })
  },
}

const hasRestarted = (pod: unknown): boolean =>
  ['containerStatuses', 'initContainerStatuses'].some((field) =>
    listAt(pod, 'status', field).some((one) => numberAt(one, 'restartCount') > 0),
  )

/** What containers said before they were started anew (`kubectl logs --previous`). */
export const previousLogsAction: Action = {
  id: 'previous',
  icon: 'undo',
  needs: onPods('get', 'log'),
  inMenu: true,
  applies: (view, object) => view.id === 'pods' && hasRestarted(object),
  run({ dock, cluster }, _view, objects) {
    const { name, namespace = 'default' } = objects[0]!.metadata
    dock.add({ kind: 'logs', cluster: cluster.id, title: name, target: { namespace, pod: name, previous: true } })
  },
}

export const workloadActions: Action[] = [
  {
    id: 'scale',
    icon: 'scale',
    needs: onKind('patch'),
    applies: (view) => view.scalable === true,
    async run({ ui, cluster, t }, view, objects) {
      const object = objects[0]!
      const { name, namespace } = object.metadata
      const replicas = await ui.ask({
        title: t('confirm.scale', { kind: view.kind, name }),
        body: t('confirm.replicas'),
        verb: t('actions.scale'),
        number: textAt(object, 'spec', 'replicas') === '' ? 1 : numberAt(object, 'spec', 'replicas'),
      })
      if (typeof replicas !== 'number') return
      await ui.attempt(async () => {
        await cluster.kube.send('PATCH', pathOf(view, { namespace, name }), { spec: { replicas } }, merge)
      })
    },
  },
  {
    id: 'restart',
    icon: 'restart',
    needs: onKind('patch'),
    many: true,
    applies: (view) => view.restartable === true,
    async run(world, view, objects) {
      const { ui, t } = world
      const restartedAt = new Date().toISOString()
      const body = {
        spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': restartedAt } } } },
      }
      const done = await toEach(world, objects, (object) => mergeInto(world, view, object, body))
      const [first] = done
      if (first) ui.toast('info', t('done.restart', { count: done.length, name: first.metadata.name }))
    },
  },
]
