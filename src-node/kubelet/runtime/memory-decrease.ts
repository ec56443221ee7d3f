import type { ControlGroupUsage } from '../../host/index.ts'

/** A change of a memory limit; bytes, where 0 and Infinity are no limit. */
export interface MemoryChange {
  /** Whose it is: `pod`, `container "c"`. */
  whose: string
  /** The control group. */
  group: string
  given: number
  wanted: number
}

/**
 * Why running containers, or the pod as a whole, are not given less memory, in upstream's words: they use more than that already, and the kernel would
 * kill them (KEP-1287, "Memory Limit Decreases"). Undefined when they may be, or are given no less.
 */
export async function memoryDecreaseRefusal(
  usageOf: (group: string) => Promise<ControlGroupUsage | undefined>,
  changes: readonly MemoryChange[],
): Promise<string | undefined> {
  const words = (await Promise.all(changes.map((change) => refusalOf(usageOf, change)))).flatMap((one) => one ?? [])
  if (words.length === 0) return undefined
  return `cannot decrease memory limits: ${words.length === 1 ? words[0]! : `[${words.join(', ')}]`}`
}

async function refusalOf(
  usageOf: (group: string) => Promise<ControlGroupUsage | undefined>,
  { whose, group, given, wanted }: MemoryChange,
): Promise<string | undefined> {
  const limit = wanted || Infinity
  if (limit >= (given || Infinity)) return undefined
  const usage = await usageOf(group)
  // The caches of files go before anything is killed.
  const used = usage ? usage.memory - usage.inactiveFiles : 0
  return used > limit ? `attempting to set ${whose} memory limit (${limit}) below current usage (${used})` : undefined
}
