import type { HopState, TraceHop } from '../../../../src-wire/trace/document.ts'
import type { Evidence } from '../../../../src-wire/trace/steps.ts'
import type { HopId, HopWord } from '../../../../src-wire/trace/words.ts'

/** A hop with only the values that are there. */
export function hop<Id extends HopId>(
  id: Id,
  state: HopState,
  said: HopWord<Id>,
  values: Record<string, string | number | undefined>,
  evidence: Evidence[] | undefined,
  more: { node?: string | undefined; ms?: number | undefined } = {},
): TraceHop {
  const given = Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  return {
    id,
    state,
    said,
    values: Object.fromEntries(given) as Record<string, string>,
    evidence: evidence ?? [],
    ...(more.node ? { node: more.node } : {}),
    ...(more.ms === undefined ? {} : { ms: more.ms }),
  }
}
