/**
 * A count, or a share of `total` in percent; 0 for none.
 *
 * @param round where a share that is no whole number goes
 */
export function resolveIntOrPercent(value: number | string | undefined, total: number, round: 'up' | 'down'): number {
  if (value === undefined) return 0
  if (typeof value === 'number') return value
  const share = (Number(value.replace('%', '')) * total) / 100
  return round === 'up' ? Math.ceil(share) : Math.floor(share)
}
