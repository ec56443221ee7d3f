import { parseImage } from './image-reference.ts'

/** An image on the node, and since when it is known and was last used, in milliseconds. */
export interface KnownImage {
  id: string
  /** Bytes. */
  size: number
  detectedAt: number
  /** 0 for never. */
  usedAt: number
}

/** Parts of the disk that must be free before images go, and that are to be free after that (`imageGCHighThresholdPercent`, `…Low…`). */
export const [FREE_LEAST, FREE_AFTER] = [0.15, 0.2]
const GIB = 2 ** 30
/** The disk is the whole desktop's: of a large one no more than this need be free. */
const [MOST_LEAST, MOST_AFTER] = [5 * GIB, 8 * GIB]
/** Milliseconds that an image stays whatever the disk lacks: its pod may be about to start (`imageMinimumGCAge`). */
const YOUNG = 120_000

/** Bytes of images that are to go; 0 while there is room (kubernetes.io, "Garbage Collection: Container image lifecycle"). Pure. */
export function imageExcess({ total, free }: { total: number; free: number }): number {
  if (total === 0 || free > Math.min(total * FREE_LEAST, MOST_LEAST)) return 0
  return Math.ceil(Math.min(total * FREE_AFTER, MOST_AFTER)) - free
}

/** What is known of the images that are there now: when each was seen first, and used last. Pure. */
export function noticed(
  before: readonly KnownImage[],
  present: ReadonlyArray<{ id: string; size: number }>,
  inUse: ReadonlySet<string>,
  now: number,
): KnownImage[] {
  const known = new Map(before.map((image) => [image.id, image]))
  return present.map(({ id, size }) => {
    const { detectedAt = now, usedAt = 0 } = known.get(id) ?? {}
    return { id, size, detectedAt, usedAt: inUse.has(id) ? now : usedAt }
  })
}

/** The images that go, until `bytes` are free: what is in use or new stays, what has not been used for longest goes first. Pure. */
export function imagesToRemove(images: readonly KnownImage[], bytes: number, now: number): KnownImage[] {
  const unused = images
    .filter(({ usedAt, detectedAt }) => usedAt < now && now - detectedAt >= YOUNG)
    .toSorted((a, b) => a.usedAt - b.usedAt || a.detectedAt - b.detectedAt)
  let left = bytes
  return unused.filter(({ size }) => {
    if (left <= 0) return false
    left -= size
    return true
  })
}

/** An image's name written out, so that two names of the same are equal; undefined for what is none. */
export function fullName(reference: string): string | undefined {
  try {
    const { repository, tag = 'latest', digest } = parseImage(reference)
    return digest ? `${repository}@${digest}` : `${repository}:${tag}`
  } catch {
    // It names nothing that could be there.
    return undefined
  }
}
