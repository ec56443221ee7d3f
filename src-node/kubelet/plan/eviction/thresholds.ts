/** What of a node can run low. */
export type Signal =
  | 'memory.available'
  | 'nodefs.available'
  | 'nodefs.inodesFree'
  | 'imagefs.available'
  | 'imagefs.inodesFree'

/** Conditions of a node that say that something runs low. */
export type Pressure = 'MemoryPressure' | 'DiskPressure'

/** Bytes or inodes. */
export interface Amount {
  available: number
  capacity: number
}

export type Observations = ReadonlyMap<Signal, Amount>

/** What a node should have left: a number, or a part of what there is up to a most. */
export interface Threshold {
  signal: Signal
  quantity?: number
  part?: number
  most?: number
}

const MIB = 2 ** 20
const GIB = 2 ** 30

/**
 * Upstream's own hard thresholds (kubernetes.io, "Node-pressure Eviction: Hard eviction thresholds"). The disk is the whole desktop's, which is
 * often nearly full of what pods have no part in, and to evict them would not help: there is a most to what must be free.
 */
export const HARD: readonly Threshold[] = [
  { signal: 'memory.available', quantity: 100 * MIB },
  { signal: 'nodefs.available', part: 0.1, most: 2 * GIB },
  { signal: 'imagefs.available', part: 0.15, most: 3 * GIB },
  { signal: 'nodefs.inodesFree', part: 0.05 },
  { signal: 'imagefs.inodesFree', part: 0.05 },
]

/** A threshold that is met: what should be left, and what is. */
export interface Met {
  signal: Signal
  quantity: number
  available: number
}

/** How much should be left, in the signal's unit. */
export const quantityOf = ({ quantity, part = 0, most = Infinity }: Threshold, capacity: number): number =>
  quantity ?? Math.min(most, Math.floor(capacity * part))

/** The thresholds that are met; of what was not observed nothing is said. Memory comes first: it is reclaimed first. Pure. */
export function thresholdsMet(observed: Observations, thresholds: readonly Threshold[] = HARD): Met[] {
  return thresholds.flatMap((threshold) => {
    const amount = observed.get(threshold.signal)
    if (!amount || amount.capacity === 0) return []
    const quantity = quantityOf(threshold, amount.capacity)
    return amount.available < quantity ? [{ signal: threshold.signal, quantity, available: amount.available }] : []
  })
}

export const pressureOf = (signal: Signal): Pressure =>
  signal === 'memory.available' ? 'MemoryPressure' : 'DiskPressure'

/** The resource that a signal is about, by the name that requests have for it. */
export function resourceOf(signal: Signal): 'memory' | 'ephemeral-storage' | 'inodes' {
  if (signal === 'memory.available') return 'memory'
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
export const pressuresOf = (seen: LastSeen, now: number): ReadonlySet<Pressure> =>
  new Set([...seen].filter(([, at]) => now - at < TRANSITION).map(([pressure]) => pressure))
