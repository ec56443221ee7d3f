/** Which question a probe answers. */
export type ProbeKind = 'startup' | 'readiness' | 'liveness'

/** What a prober believes, and the run of equal answers that may change it. */
export interface ThresholdState {
  /** Undefined until a threshold has been reached. */
  result: boolean | undefined
  last: boolean | undefined
  run: number
}

/** How many results in a row count, from `successThreshold` and `failureThreshold`. */
export interface Thresholds {
  success: number
  failure: number
}

/** Before the first answer: not ready and not started, but alive. */
export function initialState(kind: ProbeKind): ThresholdState {
  return { result: kind === 'startup' ? undefined : kind === 'liveness', last: undefined, run: 0 }
}

/** Takes in one answer. `changed` when enough equal answers in a row have turned the result. */
export function observe(
  state: ThresholdState,
  ok: boolean,
  thresholds: Thresholds,
): { state: ThresholdState; changed: boolean } {
  const run = state.last === ok ? state.run + 1 : 1
  const reached = run >= (ok ? thresholds.success : thresholds.failure)
  const result = reached ? ok : state.result
  return { state: { result, last: ok, run }, changed: result !== state.result }
}
