import type { Endpoint } from '#types/discovery.k8s.io/v1'

/** How much more than its share any endpoint may get. */
const OVERLOAD = 0.2

/** The zone for each ready endpoint, or why there is none for any. */
export type ZonePlan = { readonly zones: ReadonlyMap<Endpoint, string> } | { readonly why: string }

const isReady = ({ conditions }: Endpoint) => conditions?.ready !== false

/**
 * Divides the ready endpoints of a service among zones, in proportion to their CPU (KEP-2433; kubernetes.io, "Topology Aware Routing"):
 * each serves its own zone unless another is short of endpoints. `before` tells which zone an endpoint served until now, so that few
 * change. Pure.
 */
export function planZones(
  endpoints: readonly Endpoint[],
  shares: ReadonlyMap<string, number> | undefined,
  before: (endpoint: Endpoint) => string | undefined,
): ZonePlan {
  const ready = endpoints.filter(isReady)
  const wanted = wantedByZone(ready.length, shares)
  if (typeof wanted === 'string') return { why: wanted }
  if (ready.some(({ zone }) => !zone)) return { why: 'One or more endpoints do not have a zone specified' }
  const zones = new Map(ready.map((endpoint) => [endpoint, endpoint.zone!]))
  const counts = new Map<string, number>()
  for (const zone of zones.values()) counts.set(zone, (counts.get(zone) ?? 0) + 1)
  const { giving, receiving } = moves(wanted, counts)
  const move = (endpoint: Endpoint, to: string | undefined) => {
    const from = endpoint.zone!
    if (to === undefined || zones.get(endpoint) !== from || !giving.get(from) || !receiving.get(to)) return
    giving.set(from, giving.get(from)! - 1)
    receiving.set(to, receiving.get(to)! - 1)
    zones.set(endpoint, to)
  }
  for (const endpoint of ready) move(endpoint, before(endpoint))
  for (const endpoint of ready) move(endpoint, [...receiving].find(([, count]) => count > 0)?.[0])
  return { zones }
}

/** How many of the endpoints each zone should have; the reason when they cannot be divided well. */
function wantedByZone(count: number, shares: ReadonlyMap<string, number> | undefined): Map<string, number> | string {
  if (!shares) return 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes'
  const of = `(${count} endpoints, ${shares.size} zones)`
  if (shares.size > count) return `Insufficient number of endpoints ${of}`
  const wanted = new Map<string, number>()
  let least = 0
  for (const [zone, share] of shares) {
    const minimum = Math.ceil((share * count) / (1 + OVERLOAD))
    wanted.set(zone, Math.max(share * count, minimum))
    least += minimum
  }
  if (least <= count) return wanted
  return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${of}`
}

/** How many endpoints each zone gives to others, and gets: whole ones, where that brings both nearer to what they should have. */
function moves(wanted: ReadonlyMap<string, number>, counts: ReadonlyMap<string, number>) {
  const surplus = new Map<string, number>()
  const shortage = new Map<string, number>()
  for (const [zone, count] of wanted) {
    const more = (counts.get(zone) ?? 0) - count
    if (more > 0) surplus.set(zone, more)
    else if (more < 0) shortage.set(zone, -more)
  }
  const giving = new Map<string, number>()
  const receiving = new Map<string, number>()
  for (;;) {
    const [from, give] = highest(surplus)
    const [to, get] = highest(shortage)
    if (give < 0.5 || get < 0.5 || (give < 1 && get < 1)) return { giving, receiving }
    for (const [map, left, zone] of [
      [giving, surplus, from],
      [receiving, shortage, to],
    ] as const) {
      map.set(zone, (map.get(zone) ?? 0) + 1)
      left.set(zone, left.get(zone)! - 1)
    }
  }
}

function highest(counts: ReadonlyMap<string, number>): [zone: string, count: number] {
  let best: [string, number] = ['', 0]
  for (const [zone, count] of counts) if (count > best[1]) best = [zone, count]
  return best
}
