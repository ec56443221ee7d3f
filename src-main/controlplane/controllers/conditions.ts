interface ConditionLike {
  type?: string | undefined
  status?: string | undefined
  lastTransitionTime?: string | undefined
}

/**
 * The conditions with one set, in its old place or last; the time of the last transition stays while the status does.
 *
 * @param time RFC 3339.
 */
export function withCondition<C extends ConditionLike>(
  conditions: readonly C[],
  draft: Omit<C, 'lastTransitionTime'>,
  time: string,
): C[] {
  const condition = { ...draft, lastTransitionTime: time } as C
  const at = conditions.findIndex(({ type }) => type === condition.type)
  const old = conditions[at]
  if (!old) return [...conditions, condition]
  const lastTransitionTime = old.status === condition.status ? (old.lastTransitionTime ?? time) : time
  return conditions.with(at, { ...condition, lastTransitionTime })
}
