import type { Action } from './index.ts'
import { mergeInto } from './patch.ts'

const part = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/
const prefix = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/

/** Labels from lines of `key=value`; the first line that is none is told (kubernetes.io, "Labels and Selectors", syntax). */
export function readLabels(text: string): { labels: Record<string, string>; wrong?: string } {
  const labels: Record<string, string> = {}
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '') continue
    const [key = '', value = '', ...more] = line.split('=')
    const slash = key.lastIndexOf('/')
    const named = part.test(key.slice(slash + 1)) && (slash < 0 || prefix.test(key.slice(0, slash)))
    if (!named || more.length > 0 || (value !== '' && !part.test(value))) return { labels, wrong: line }
    labels[key] = value
  }
  return { labels }
}

/** What a merge patch has to say to get from one set of labels to another; undefined when nothing. */
export function labelChange(
  before: Record<string, string>,
  after: Record<string, string>,
): Record<string, string | null> | undefined {
  const change: Record<string, string | null> = {}
  for (const key of Object.keys(before)) if (!(key in after)) change[key] = null
  for (const [key, value] of Object.entries(after)) if (before[key] !== value) change[key] = value
  return Object.keys(change).length > 0 ? change : undefined
}

export const labelsAction: Action = {
  id: 'labels',
  icon: 'tag',
  applies: (view) => !view.verbs || view.verbs.includes('patch'),
  async run(world, view, objects) {
    const { ui, t } = world
    const object = objects[0]!
    const before = object.metadata.labels ?? {}
    const answer = await ui.ask({
      title: t('confirm.labels', { name: object.metadata.name }),
      body: t('confirm.labelsBody'),
      verb: t('edit.save'),
      text: Object.entries(before)
        .map(([key, value]) => `${key}=${value}`)
        .join('\n'),
      check: (text) => {
        const { wrong } = readLabels(text)
        return wrong === undefined ? undefined : t('confirm.labelsWrong', { line: wrong })
      },
    })
    if (typeof answer !== 'string') return
    const labels = labelChange(before, readLabels(answer).labels)
    if (labels) await mergeInto(world, view, object, { metadata: { labels } })
  },
}
