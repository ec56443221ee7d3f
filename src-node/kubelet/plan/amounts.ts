/** The kernel takes shares between these. */
const MIN_SHARES = 2
const MAX_SHARES = 262_144
/** Microseconds; the kernel refuses less. */
const MIN_QUOTA = 1000
/** Bytes; the engine refuses less. */
const MIN_MEMORY = 6 * 1024 * 1024

/** Microseconds in which a quota of processors is given. */
export const PERIOD = 100_000

/** The part of processors that are short, for what is asked for in thousandths of one. */
export const sharesOf = (milli: number): number =>
  Math.min(MAX_SHARES, Math.max(MIN_SHARES, Math.floor((milli * 1024) / 1000)))

/** Microseconds in a {@link PERIOD} for a limit in thousandths of a processor. */
export const quotaOf = (milli: number): number => Math.max(MIN_QUOTA, (milli * PERIOD) / 1000)

/** Bytes that the engine can be asked for. */
export const leastMemory = (bytes: number): number => Math.max(bytes, MIN_MEMORY)
