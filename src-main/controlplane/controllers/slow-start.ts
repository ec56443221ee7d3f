/**
 * Runs `count` calls in batches of 1, 2, 4, … at once and stops after the first batch with a failure, so that a request that is bound
 * to be refused is not sent hundreds of times. Answers the number of successes and the first error.
 */
export async function slowStart(
  count: number,
  call: (index: number) => Promise<void>,
): Promise<{ succeeded: number; error?: unknown }> {
  let succeeded = 0
  let batch = 1
  for (let begun = 0; begun < count; batch *= 2) {
    const size = Math.min(batch, count - begun)
    const results = await Promise.allSettled(Array.from({ length: size }, (_, i) => call(begun + i)))
    const failure = results.find((result) => result.status === 'rejected')
    succeeded += results.filter((result) => result.status === 'fulfilled').length
    if (failure) return { succeeded, error: failure.reason }
    begun += size
  }
  return { succeeded }
}
