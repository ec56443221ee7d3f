import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Bytes of all files of a store's folder; of one that goes meanwhile (a log that was taken over) none. */
export function storeSize(directory: string): number {
  const sizes = readdirSync(directory).map((name) => statSync(join(directory, name), { throwIfNoEntry: false })?.size)
  return sizes.reduce<number>((sum, size = 0) => sum + size, 0)
}
