import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Bytes that V8 holds for lasting: what outlived its short collections. Collects all that is garbage first. */
export function collectedHeap(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return lastingHeap()
}

/** As {@link collectedHeap}, as it is now. */
export const lastingHeap = (): number =>
  getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space')!.space_used_size
