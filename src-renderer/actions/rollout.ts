import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { pathOf } from '../api/kube.ts'
import { at, listAt, numberAt, textAt, type KindView } from '../kinds/view.ts'
import { toEach } from './each.ts'
import type { Action, ActionWorld } from './index.ts'
import { onKind } from './needs.ts'
import { mergeInto } from './patch.ts'

const revisionAnnotation = 'deployment.kubernetes.io/revision'
const causeAnnotation = 'kubernetes.io/change-cause'
const hashLabel = 'pod-template-hash'

/** A template that a workload has or had. */
export interface Revision {
  number: number
  images: string[]
  template: unknown
  /** Of `kubernetes.io/change-cause`, when whoever changed it said why. */
  cause: string
  /** What keeps it: a ReplicaSet or a ControllerRevision. */
  keeper: KubeObject
}

interface List {
  items: KubeObject[]
}

const isOf = (object: KubeObject, owner: KubeObject): boolean =>
  object.metadata.ownerReferences?.some((one) => one.uid === owner.metadata.uid) === true

const imagesOf = (template: unknown): string[] =>
  listAt(template, 'spec', 'containers').map((container) => textAt(container, 'image'))

const isDeployment = (view: KindView): boolean => view.id === 'deployments.apps'

/** Id of the view of what keeps the revisions of a kind. */
export const keepersOf = (view: KindView): string =>
  isDeployment(view) ? 'replicasets.apps' : 'controllerrevisions.apps'

/** What a workload has and had, as far as it is kept, the current one first (kubernetes.io, "Checking Rollout History of a Deployment"). */
export function revisionsOf(view: KindView, object: KubeObject, keepers: Iterable<KubeObject>): Revision[] {
  return [...keepers]
    .filter((one) => isOf(one, object))
    .map((keeper) => {
      const path = isDeployment(view) ? ['spec', 'template'] : ['data', 'spec', 'template']
      const template = withoutHash(at(keeper, ...path))
      const { annotations } = keeper.metadata
      const number = isDeployment(view) ? Number(annotations?.[revisionAnnotation] ?? 0) : numberAt(keeper, 'revision')
      return { number, template, images: imagesOf(template), cause: annotations?.[causeAnnotation] ?? '', keeper }
    })
    .sort((a, b) => b.number - a.number)
}

function withoutHash(template: unknown): unknown {
  const copy = structuredClone(template ?? {}) as { metadata?: { labels?: Record<string, string> } }
  delete copy.metadata?.labels?.[hashLabel]
  return copy
}

/** Asks, then brings a template back (kubernetes.io, "Rolling Back to a Previous Revision"). Refusals are thrown. */
export async function restoreRevision(
  { cluster, ui, t }: Pick<ActionWorld, 'cluster' | 'ui' | 't'>,
  view: KindView,
  object: KubeObject,
  { number, images, template, keeper }: Revision,
): Promise<void> {
  const { namespace, name } = object.metadata
  if (isPaused(object)) return ui.toast('error', t('confirm.undoPaused', { name }))
  const now = imagesOf(at(object, 'spec', 'template'))
  const confirmed = await ui.ask({
    title: t('confirm.undo', { kind: view.kind, name, revision: number }),
    items: images.map((image, i) => (now[i] && now[i] !== image ? `${now[i]} → ${image}` : image)),
    verb: t('actions.undo'),
  })
  if (confirmed === false) return
  const path = pathOf(view, { namespace, name })
  if (isDeployment(view))
    await cluster.kube.send('PATCH', path, replaceTemplate(object, template), 'application/json-patch+json')
  else await cluster.kube.send('PATCH', path, keeper['data'], 'application/strategic-merge-patch+json')
  ui.toast('info', t('done.undo', { name, revision: number }))
}

/** Fails when the object has changed since it was looked at. */
const replaceTemplate = (object: KubeObject, template: unknown): unknown[] => [
  { op: 'test', path: '/metadata/resourceVersion', value: object.metadata.resourceVersion },
  { op: 'replace', path: '/spec/template', value: template },
]

const isPaused = (object: KubeObject): boolean => at(object, 'spec', 'paused') === true

function pause(id: 'pause' | 'resume'): Action {
  return {
    id,
    icon: id === 'pause' ? 'pause' : 'start',
    needs: onKind('patch'),
    many: true,
    applies: (view, object) => view.id === 'deployments.apps' && isPaused(object) === (id === 'resume'),
    async run(world, view, objects) {
      const body = { spec: { paused: id === 'pause' ? true : null } }
      await toEach(world, objects, (object) => mergeInto(world, view, object, body))
    },
  }
}

const undo: Action = {
  id: 'undo',
  icon: 'undo',
  needs: onKind('patch'),
  applies: (view) => view.restartable === true,
  async run(world, view, objects) {
    const { ui, t, cluster } = world
    const object = objects[0]!
    const { name, namespace } = object.metadata
    if (isPaused(object)) return ui.toast('error', t('confirm.undoPaused', { name }))
    const resource = keepersOf(view).replace('.apps', '')
    const { items } = await cluster.kube.get<List>(pathOf({ group: 'apps', version: 'v1', resource }, { namespace }))
    const before = revisionsOf(view, object, items)[1]
    if (before) await restoreRevision(world, view, object, before)
    else ui.toast('info', t('confirm.undoNone', { name }))
  },
}

export const rolloutActions: Action[] = [pause('pause'), pause('resume'), undo]
