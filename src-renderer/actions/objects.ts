import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { pathOf } from '../api/kube.ts'
import type { KindView } from '../kinds/view.ts'
import type { Action, ActionWorld } from './index.ts'
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
  async run({ ui, cluster, t }, view, objects) {
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
    await Promise.all(objects.map((object) => ui.attempt(() => remove({ cluster }, view, object))))
  },
}

/** Deletes an object. The uid guards against deleting a namesake that came in between. */
async function remove(
  { cluster }: Pick<ActionWorld, 'cluster'>,
  view: KindView,
  { metadata }: KubeObject,
  more: object = {},
): Promise<void> {
  const path = pathOf(view, { namespace: metadata.namespace, name: metadata.name })
  await cluster.kube.send('DELETE', path, {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: 'Background',
    preconditions: { uid: metadata.uid },
    ...more,
  })
}

/** For pods that do not go: kubernetes.io, "Force Stateful Pod deletion", tells what may come of it. */
export const killAction: Action = {
  id: 'kill',
  icon: 'remove',
  danger: true,
  many: true,
  needs: onKind('delete'),
  applies: (view, { metadata }) => view.id === 'pods' && metadata.deletionTimestamp !== undefined,
  async run({ ui, cluster, t }, view, objects) {
    const confirmed = await ui.ask({
      title: t('confirm.kill', { count: objects.length, name: objects[0]!.metadata.name }),
      items: objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
      body: t('confirm.killBody'),
      verb: t('actions.kill'),
      danger: true,
    })
    if (confirmed === false) return
    await Promise.all(
      objects.map((object) => ui.attempt(() => remove({ cluster }, view, object, { gracePeriodSeconds: 0 }))),
    )
  },
}
