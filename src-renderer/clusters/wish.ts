import type { ClusterWish, WishProblem } from '../../src-wire/gateway/clusters.ts'

/** What was typed; numbers may be unfinished or empty. */
export interface Draft {
  name: string
  nodes: string | number
  port: string | number
  snapshot: string
}

export const emptyDraft = (): Draft => ({ name: '', nodes: '', port: '', snapshot: '' })

/** Nodes of a new cluster, when nobody says how many and they fit. */
const nodesUnasked = 3

/** The wish that a draft comes to; what is no number is NaN, which the gateway refuses by its field. */
export function wishOf(draft: Draft): ClusterWish {
  const nodes = numberIn(draft.nodes)
  const port = numberIn(draft.port)
  const snapshot = draft.snapshot.trim()
  return {
    name: draft.name.trim(),
    ...(nodes === undefined ? {} : { nodes }),
    ...(port === undefined ? {} : { port }),
    ...(snapshot ? { snapshot } : {}),
  }
}

/** -1, which is no count and no port, for what is no whole number: JSON has no NaN. */
function numberIn(typed: string | number): number | undefined {
  const text = String(typed).trim()
  if (text === '') return undefined
  return /^\d{1,9}$/.test(text) ? Number(text) : -1
}

/** A name that no cluster has: `drydock`, `lab`, then `lab-2`, … */
export function freeName(taken: readonly string[]): string {
  for (const name of ['drydock', 'lab']) if (!taken.includes(name)) return name
  for (let i = 2; ; i++) if (!taken.includes(`lab-${i}`)) return `lab-${i}`
}

/** As many as a new cluster gets, or the memory holds. */
export const usualNodes = (most: number | undefined): number =>
  Math.max(0, Math.min(nodesUnasked, most ?? nodesUnasked))

/** The problems of each field, the first alone: one sentence is enough. */
export function byField(problems: readonly WishProblem[]): Partial<Record<WishProblem['field'], WishProblem>> {
  return Object.fromEntries(problems.toReversed().map((problem) => [problem.field, problem]))
}
