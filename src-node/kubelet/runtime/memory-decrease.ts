import type { ControlGroupUsage } from '../../host/index.ts'

/**
 * Why a running container is not given less memory, in upstream's words: it uses more than that already, and the kernel would kill it
 * (KEP-1287, "Memory Limit Decreases"). Undefined when it may be, or is given no less. All in bytes, 0 for no limit.
 */
export async function memoryDecreaseRefusal(
  usageOf: (id: string) => Promise<ControlGroupUsage | undefined>,
  { id, name }: { id: string; name: string },
  { given, wanted }: { given: number; wanted: number },
): Promise<string | undefined> {
  const limit = wanted || Infinity
  if (limit >= (given || Infinity)) return undefined
  const usage = await usageOf(id)
  // The caches of files go before anything is killed.
  const used = usage ? usage.memory - usage.inactiveFiles : 0
  if (used <= limit) return undefined
  return `cannot decrease memory limits: attempting to set container ${JSON.stringify(name)} memory limit (${limit}) below current usage (${used})`
}
