import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { healthOf } from '../kinds/deletion.ts'
import { needsAttention, type Health } from '../kinds/health.ts'
import type { KindView } from '../kinds/view.ts'

/** What an object's words are sought in; objects never change, so each is put into words once. */
const haystacks = new WeakMap<KubeObject, string>()

function haystackOf(view: KindView, object: KubeObject): string {
  let text = haystacks.get(object)
  if (text === undefined) {
    const cells = view.columns.filter((c) => c.kind !== 'age' && !c.text).map((c) => c.value(object))
    const labels = Object.entries(object.metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`)
    text = [...cells, ...wordsOfHealth(healthOf(view, object)), ...labels, ...(view.words?.(object) ?? [])]
      .join('\n')
      .toLowerCase()
    haystacks.set(object, text)
  }
  return text
}

/** `is:failed` finds what failed, `is:unhealthy` all that a person should look at. */
function wordsOfHealth(health: Health | undefined): string[] {
  if (!health) return []
  return [health.reason, `is:${health.level}`, ...(needsAttention(health) ? ['is:unhealthy'] : [])]
}

/** Does ahead of time what the first filtering would do to an object. */
export function indexRow(view: KindView, object: KubeObject): void {
  haystackOf(view, object)
}

/** Whether all of these, in lower case, occur in an object's cells, its labels, how it fares or its other words. */
export function hasWords(view: KindView, object: KubeObject, words: readonly string[]): boolean {
  if (words.length === 0) return true
  const text = haystackOf(view, object)
  return words.every((word) => text.includes(word))
}
