/** What of a node can run low. */
export type Signal =
  | 'memory.available'
  | 'nodefs.available'
  | 'nodefs.inodesFree'
  | 'imagefs.available'
  | 'imagefs.inodesFree'
  | 'pid.available'

/** Conditions of a node that say that something runs low. */
export type Pressure = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure'

/** Bytes, inodes or processes. */
export interface Amount {
  available: number
  capacity: number
}

/** What was measured, by signal; a signal that could not be measured is not in it. */
export type Observations = ReadonlyMap<Signal, Amount>

/** A number, or a part of what there is up to a most. */
export interface Share {
  quantity?: number
  part?: number
  most?: number
}

/** What a node should have left. */
export interface Threshold extends Share {
  signal: Signal
  /** Milliseconds that it may be met before a pod must go; without one none (a hard threshold). */
  grace?: number
  /** How much more there should be again before it is no longer met. */
  reclaim?: Share
}

const MIB = 2 ** 20
const GIB = 2 ** 30

/**
 * Upstream's own hard thresholds (kubernetes.io, "Node-pressure Eviction: Hard eviction thresholds"). The disk is the whole desktop's, which is
 * often nearly full of what pods have no part in, and to evict them would not help: there is a most to what must be free. So are processes, of
 * which upstream's default says nothing: a node on which none can be started any more cannot even end its pods.
 */
export const hardThresholds: readonly Threshold[] = [
  { signal: 'memory.available', quantity: 100 * MIB },
  { signal: 'nodefs.available', part: 0.1, most: 2 * GIB },
  { signal: 'imagefs.available', part: 0.15, most: 3 * GIB },
  { signal: 'nodefs.inodesFree', part: 0.05 },
  { signal: 'imagefs.inodesFree', part: 0.05 },
  { signal: 'pid.available', part: 0.05, most: 500 },
]

/** A threshold that is met: what should be left, and what is. */
export interface Met {
  signal: Signal
  quantity: number
  available: number
  threshold: Threshold
}

/** How much that is, in the signal's unit. */
export const quantityOf = ({ quantity, part = 0, most = Infinity }: Share, capacity: number): number =>
  quantity ?? Math.min(most, Math.floor(capacity * part))

/**
 * The thresholds that are met; signals that were not observed are passed over. A threshold that was met `before` stays met until its minimum
 * reclaim is free on top of it. Memory comes first, as it is reclaimed first. Pure.
 */
export function thresholdsMet(
  observed: Observations,
  thresholds: readonly Threshold[] = hardThresholds,
  before: { has(threshold: Threshold): boolean } = new Set(),
): Met[] {
  return thresholds
    .flatMap((threshold): Met[] => {
      const { signal, reclaim } = threshold
      const amount = observed.get(signal)
      if (!amount || amount.capacity === 0) return []
      const quantity = quantityOf(threshold, amount.capacity)
      const more = reclaim && before.has(threshold) ? quantityOf(reclaim, amount.capacity) : 0
      return amount.available < quantity + more ? [{ signal, quantity, available: amount.available, threshold }] : []
    })
    .toSorted((a, b) => Number(b.signal === 'memory.available') - Number(a.signal === 'memory.available'))
}

/** Since when each threshold is met, in milliseconds. */
export type MetSince = ReadonlyMap<Threshold, number>

/** Since when those that are met now are. Pure. */
export const metSince = (before: MetSince, met: readonly Met[], now: number): MetSince =>
  new Map(met.map(({ threshold }) => [threshold, before.get(threshold) ?? now]))

/** Those for which a pod must go now: their grace is over. Pure. */
export const dueNow = (met: readonly Met[], since: MetSince, now: number): Met[] =>
  met.filter(({ threshold }) => now - (since.get(threshold) ?? now) >= (threshold.grace ?? 0))

/** The condition of a node that a signal leads to (kubernetes.io, "Node-pressure Eviction: Node conditions"). */
export function pressureOf(signal: Signal): Pressure {
  if (signal === 'memory.available') return 'MemoryPressure'
  return signal === 'pid.available' ? 'PIDPressure' : 'DiskPressure'
}

/** The resource that a signal is about, by the name that requests have for it. */
export function resourceOf(signal: Signal): 'memory' | 'ephemeral-storage' | 'inodes' | 'pids' {
  if (signal === 'memory.available') return 'memory'
  if (signal === 'pid.available') return 'pids'
  return signal.endsWith('inodesFree') ? 'inodes' : 'ephemeral-storage'
}

/** Milliseconds that a pressure is told of after its threshold was last met (`evictionPressureTransitionPeriod`). */
const TRANSITION = 300_000

/** When each pressure was last seen, in milliseconds. */
export type LastSeen = ReadonlyMap<Pressure, number>

/** What was seen before, and what is seen now. Pure. */
export const seenNow = (before: LastSeen, met: readonly Met[], now: number): LastSeen =>
  new Map([...before, ...met.map(({ signal }): [Pressure, number] => [pressureOf(signal), now])])

/** The pressures that the node has: those seen now and a while ago, so that it does not waver. Pure. */
export const pressuresOf = (seen: LastSeen, now: number, transition = TRANSITION): ReadonlySet<Pressure> =>
  new Set([...seen].filter(([, at]) => now - at < transition || at === now).map(([pressure]) => pressure))
