import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { isLabelValue, isQualifiedName } from '../../src-kube/machinery/names.ts'
import { base64Of, textOf } from '../kinds/base64.ts'
import { at, textAt } from '../kinds/view.ts'
import type { Pair } from '../stores/ui.ts'
import type { Action } from './index.ts'
import { onKind } from './needs.ts'
import { mergeInto } from './patch.ts'

type Strings = Record<string, string>

const dataKey = /^[-._a-zA-Z0-9]{1,253}$/

/** Whether the API server takes a pair as a label. */
export const isLabel = ({ key, value }: Pair): boolean =>
  isQualifiedName(key).length === 0 && isLabelValue(value).length === 0

/** Whether the API server takes a pair as an annotation: upper and lower case of its key are alike. */
export const isAnnotation = ({ key }: Pair): boolean => isQualifiedName(key.toLowerCase()).length === 0

/** The first pair that is wrong, or whose key stands twice. */
export function wrongPair(pairs: readonly Pair[], isRight: (pair: Pair) => boolean): { key: string } | undefined {
  const keys = new Set<string>()
  return pairs.find((pair) => !isRight(pair) || keys.has(pair.key) || !keys.add(pair.key))
}

/** What a merge patch has to say to get from one set of pairs to another; undefined when nothing. */
export function changeOf(before: Strings, after: Strings): Record<string, string | null> | undefined {
  const change: Record<string, string | null> = {}
  for (const key of Object.keys(before)) if (!(key in after)) change[key] = null
  for (const [key, value] of Object.entries(after)) if (before[key] !== value) change[key] = value
  return Object.keys(change).length > 0 ? change : undefined
}

interface Edited {
  id: 'labels' | 'annotations' | 'data'
  applies?(object: KubeObject, view: string): boolean
  read(object: KubeObject, view: string): Strings
  isRight(pair: Pair): boolean
  /** The fields of the patch. */
  body(change: Record<string, string | null>, view: string): object
}

/** An action that edits a map of strings of an object as pairs and writes only what changed. */
const pairsAction = ({ id, applies, read, isRight, body }: Edited): Action => ({
  id,
  icon: 'tag',
  needs: onKind('patch'),
  applies: (view, object) => (!view.verbs || view.verbs.includes('patch')) && (!applies || applies(object, view.id)),
  async run(world, view, objects) {
    const { ui, t } = world
    const object = objects[0]!
    const before = read(object, view.id)
    const answer = await ui.ask({
      title: t(`confirm.${id}`, { name: object.metadata.name }),
      verb: t('edit.save'),
      pairs: before,
      check: (pairs) => {
        const wrong = wrongPair(pairs, isRight)
        return wrong && t(`confirm.${id}Wrong`, { key: wrong.key })
      },
    })
    if (typeof answer !== 'object') return
    const change = changeOf(before, answer)
    if (change) await mergeInto(world, view, object, body(change, view.id))
  },
})

export const labelsAction = pairsAction({
  id: 'labels',
  read: (object) => object.metadata.labels ?? {},
  isRight: isLabel,
  body: (labels) => ({ metadata: { labels } }),
})

/** kubectl's own copy of the object, which nobody edits by hand. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

export const annotationsAction = pairsAction({
  id: 'annotations',
  read(object) {
    const { [lastApplied]: _, ...shown } = object.metadata.annotations ?? {}
    return shown
  },
  isRight: isAnnotation,
  body: (annotations) => ({ metadata: { annotations } }),
})

/** The texts of a ConfigMap or Secret; what is no text stays as it is. */
export const dataAction: Action = {
  ...pairsAction({
    id: 'data',
    applies: (object, view) => (view === 'configmaps' || view === 'secrets') && at(object, 'immutable') !== true,
    read: (object, view) => {
      const data = Object.entries((at(object, 'data') ?? {}) as Strings)
      if (view === 'configmaps') return Object.fromEntries(data)
      return Object.fromEntries(
        data.flatMap(([key]) => {
          const text = textOf(textAt(object, 'data', key))
          return text === undefined ? [] : [[key, text]]
        }),
      )
    },
    isRight: ({ key }) => dataKey.test(key),
    body: (change, view) => ({
      data:
        view === 'configmaps'
          ? change
          : Object.fromEntries(
              Object.entries(change).map(([key, text]) => [key, text === null ? null : base64Of(text)]),
            ),
    }),
  }),
  icon: 'edit',
}
