import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { pathOf } from '../api/kube.ts'
import { at, listAt, numberAt, textAt, type KindView } from '../kinds/view.ts'
import type { Action, ActionWorld } from './index.ts'
import { mergeInto } from './patch.ts'

const revisionAnnotation = 'deployment.kubernetes.io/revision'
const hashLabel = 'pod-template-hash'

/** A template that a workload had before. */
interface Revision {
  number: number
  images: string[]
  /** Brings it back. */
  restore(): Promise<unknown>
}

interface List {
  items: KubeObject[]
}

const isOf = (object: KubeObject, owner: KubeObject): boolean =>
  object.metadata.ownerReferences?.some((one) => one.uid === owner.metadata.uid) === true

const imagesOf = (template: unknown): string[] =>
  listAt(template, 'spec', 'containers').map((container) => textAt(container, 'image'))

/** The template of the revision before the current one; undefined when there was none (kubernetes.io, "Rolling Back a Deployment"). */
async function previousRevision(
  { cluster }: Pick<ActionWorld, 'cluster'>,
  view: KindView,
  object: KubeObject,
): Promise<Revision | undefined> {
  const { kube } = cluster
  const { namespace, name } = object.metadata
  const path = pathOf(view, { namespace, name })
  const isDeployment = view.id === 'deployments.apps'
  const resource = isDeployment ? 'replicasets' : 'controllerrevisions'
  const { items } = await kube.get<List>(pathOf({ group: 'apps', version: 'v1', resource }, { namespace }))
  const numberOf = (one: KubeObject): number =>
    isDeployment ? Number(one.metadata.annotations?.[revisionAnnotation] ?? 0) : numberAt(one, 'revision')
  const known = items.filter((one) => isOf(one, object)).sort((a, b) => numberOf(b) - numberOf(a))
  const before = known[1]
  if (!before) return undefined
  const template = isDeployment ? at(before, 'spec', 'template') : at(before, 'data', 'spec', 'template')
  const restore = isDeployment
    ? () => kube.send('PATCH', path, replaceTemplate(object, template), 'application/json-patch+json')
    : () => kube.send('PATCH', path, before['data'], 'application/strategic-merge-patch+json')
  return { number: numberOf(before), images: imagesOf(template), restore }
}

/** Fails when the object has changed since it was looked at. */
function replaceTemplate(object: KubeObject, template: unknown): unknown[] {
  const copy = structuredClone(template) as { metadata?: { labels?: Record<string, string> } }
  delete copy.metadata?.labels?.[hashLabel]
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: object.metadata.resourceVersion },
    { op: 'replace', path: '/spec/template', value: copy },
  ]
}

const isPaused = (object: KubeObject): boolean => at(object, 'spec', 'paused') === true

function pause(id: 'pause' | 'resume'): Action {
  return {
    id,
    icon: id === 'pause' ? 'pause' : 'start',
    many: true,
    applies: (view, object) => view.id === 'deployments.apps' && isPaused(object) === (id === 'resume'),
    async run(world, view, objects) {
      for (const object of objects) {
        await world.ui.attempt(() => mergeInto(world, view, object, { spec: { paused: id === 'pause' ? true : null } }))
      }
    },
  }
}

const undo: Action = {
  id: 'undo',
  icon: 'undo',
  applies: (view) => view.restartable === true,
  async run(world, view, objects) {
    const { ui, t } = world
    const object = objects[0]!
    const { name } = object.metadata
    if (isPaused(object)) return ui.toast('error', t('confirm.undoPaused', { name }))
    const before = await previousRevision(world, view, object)
    if (!before) return ui.toast('info', t('confirm.undoNone', { name }))
    const now = imagesOf(at(object, 'spec', 'template'))
    const confirmed = await ui.ask({
      title: t('confirm.undo', { kind: view.kind, name, revision: before.number }),
      items: before.images.map((image, i) => (now[i] && now[i] !== image ? `${now[i]} → ${image}` : image)),
      verb: t('actions.undo'),
    })
    if (confirmed === false) return
    await before.restore()
    ui.toast('info', t('done.undo', { name, revision: before.number }))
  },
}

export const rolloutActions: Action[] = [pause('pause'), pause('resume'), undo]
