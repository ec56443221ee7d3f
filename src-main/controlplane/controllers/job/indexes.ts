import type { Job } from '#types/batch/v1'
import type { Pod } from '#types/core/v1'

/** Of a pod: which completion it works at. */
export const INDEX_ANNOTATION = 'batch.kubernetes.io/job-completion-index'
/** How often pods of this index had failed before this one was made (KEP-3850). */
export const FAILURES_ANNOTATION = 'batch.kubernetes.io/job-index-failure-count'
/** The same for failures that the pod failure policy ignores. */
export const IGNORED_ANNOTATION = 'batch.kubernetes.io/job-index-ignored-failure-count'

/** Whether each completion has its number, and a pod works at one of them. */
export const isIndexed = ({ spec }: Job): boolean => spec?.completionMode === 'Indexed'

/** A pod's completion index; -1 for none, or for one that the job does not have (any more). */
export function indexOf({ metadata }: Pod, completions = Infinity): number {
  const index = Number(metadata.annotations?.[INDEX_ANNOTATION] ?? -1)
  return Number.isInteger(index) && index < completions ? index : -1
}

/** `1,3-5`: how a status lists indexes. */
export function formatIndexes(indexes: readonly number[]): string {
  const runs: Array<[number, number]> = []
  for (const index of indexes) {
    const last = runs.at(-1)
    if (last && last[1] === index - 1) last[1] = index
    else runs.push([index, index])
  }
  return runs
    .map(([from, to]) => (from === to ? `${from}` : to === from + 1 ? `${from},${to}` : `${from}-${to}`))
    .join(',')
}

/** The inverse of {@link formatIndexes}; what cannot be read, and indexes from `completions` on, are left out. */
export function parseIndexes(text: string | undefined, completions = Infinity): number[] {
  const found: number[] = []
  for (const part of (text ?? '').split(',')) {
    const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? []
    if (from === undefined) continue
    const last = Math.min(Number(to ?? from), completions - 1)
    for (let index = Number(from); index <= last; index++) found.push(index)
  }
  return found
}

/** Ascending, each once. */
export function inOrder(indexes: Iterable<number>): number[] {
  return [...new Set(indexes)].toSorted((a, b) => a - b)
}
