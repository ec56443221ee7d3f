import { StatusError } from '../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { pathOf } from '../api/kube.ts'
import type { KindView } from '../kinds/view.ts'
import type { Action, ActionWorld } from './index.ts'
import { toEach } from './each.ts'
import { onKind } from './needs.ts'

const can = (verbs: readonly string[] | undefined, verb: string): boolean => !verbs || verbs.includes(verb)

export const describeAction: Action = {
  id: 'describe',
  icon: 'info',
  key: 'd',
  applies: () => true,
  run: (world, _view, objects) => world.show(objects[0]!),
}

export const editAction: Action = {
  id: 'edit',
  icon: 'edit',
  key: 'e',
  needs: onKind('update'),
  applies: (view) => can(view.verbs, 'update'),
  run({ dock, cluster }, view, objects) {
    const { name, namespace } = objects[0]!.metadata
    dock.add({
      kind: 'edit',
      cluster: cluster.id,
      title: `${view.kind} ${name}`,
      object: { view: view.id, namespace, name },
    })
  },
}

/** Kinds whose deletion takes more with it than it says; `confirm.delete<Kind>` tells what. */
const bodies: ReadonlySet<string> = new Set([
  'Namespace',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Job',
  'CronJob',
  'PersistentVolumeClaim',
  'PersistentVolume',
  'CustomResourceDefinition',
  'Node',
])

export const deleteAction: Action = {
  id: 'delete',
  icon: 'delete',
  key: 'Delete',
  danger: true,
  many: true,
  needs: onKind('delete'),
  applies: (view) => can(view.verbs, 'delete'),
  async run(world, view, objects) {
    const { ui, t } = world
    const confirmed = await ui.ask({
      title: t('confirm.delete', { count: objects.length, kind: view.kind }),
      items: objects.map(({ metadata }) =>
        metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name,
      ),
      body: bodies.has(view.kind) ? t(`confirm.delete${view.kind}`) : '',
      // What cannot be had back, and takes much with it.
      ...(view.kind === 'Namespace' && objects.length === 1 ? { typed: objects[0]!.metadata.name } : {}),
      verb: t('actions.delete'),
      danger: true,
    })
    if (confirmed === false) return
    await toEach(world, objects, (object) => remove(world, view, object))
  },
}

/** Deletes an object, if it is still there. The uid guards against deleting a namesake that came in between. */
async function remove(
  { cluster }: Pick<ActionWorld, 'cluster'>,
  view: KindView,
  { metadata }: KubeObject,
  more: object = {},
): Promise<void> {
  const path = pathOf(view, { namespace: metadata.namespace, name: metadata.name })
  const options = { propagationPolicy: 'Background', preconditions: { uid: metadata.uid }, ...more }
  try {
    await cluster.kube.send('DELETE', path, { apiVersion: 'v1', kind: 'DeleteOptions', ...options })
  } catch (error) {
    // It went by itself, or with its owner, which was deleted along with it.
    if (!(error instanceof StatusError && error.code === 404)) throw error
  }
}

/** Whether a pod is the only one of its name and volumes that may run. */
const hasIdentity = ({ metadata }: KubeObject): boolean =>
  metadata.ownerReferences?.some(({ kind }) => kind === 'StatefulSet') === true

/** For pods that do not go: kubernetes.io, "Force Stateful Pod deletion", tells what may come of it. */
export const killAction: Action = {
  id: 'kill',
  icon: 'remove',
  danger: true,
  many: true,
  needs: onKind('delete'),
  applies: (view, { metadata }) => view.id === 'pods' && metadata.deletionTimestamp !== undefined,
  async run(world, view, objects) {
    const { ui, t } = world
    const confirmed = await ui.ask({
      title: t('confirm.kill', { count: objects.length, name: objects[0]!.metadata.name }),
      items: objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
      body: [
        t('confirm.killBody', { count: objects.length }),
        ...(objects.some(hasIdentity) ? [t('confirm.killStateful')] : []),
      ].join(' '),
      verb: t('actions.kill'),
      danger: true,
      careful: true,
    })
    if (confirmed === false) return
    await toEach(world, objects, (object) => remove(world, view, object, { gracePeriodSeconds: 0 }))
  },
}
