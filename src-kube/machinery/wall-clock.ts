const parts = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const

/**
 * What the clock on the wall shows at an instant in the zone of an IANA name, as milliseconds that would be that time in UTC. The instant's
 * own milliseconds are left out. Throws a RangeError for a name that is unknown.
 */
export function wallClock(zone: string): (instant: number) => number {
  const numeric = Object.fromEntries(parts.map((part) => [part, 'numeric']))
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...numeric })
  return (instant) => {
    const shown = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]))
    const [year = 0, month = 1, day, hour, minute, second] = parts.map((part) => shown.get(part))
    return Date.UTC(year, month - 1, day, hour, minute, second)
  }
}
