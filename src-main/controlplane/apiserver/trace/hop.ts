import type { HopState, TraceHop } from '../../../../src-wire/trace/document.ts'
import type { Evidence } from '../../../../src-wire/trace/steps.ts'
import type { HopId, HopWord } from '../../../../src-wire/trace/words.ts'

/** What shows a hop, where it was, and how long it took. */
export interface HopDetails {
  evidence?: Evidence[] | undefined
  node?: string | undefined
  /** Milliseconds. */
  ms?: number | undefined
}

/** A hop with only the values that are there. */
export function hop<Id extends HopId>(
  id: Id,
  state: HopState,
  said: HopWord<Id>,
  values: Record<string, string | number | undefined>,
  { evidence = [], node, ms }: HopDetails = {},
): TraceHop {
  const given = Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  return {
    id,
    state,
    said,
    values: Object.fromEntries(given) as Record<string, string>,
    evidence,
    ...(node ? { node } : {}),
    ...(ms === undefined ? {} : { ms }),
  }
}
