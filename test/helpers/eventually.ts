/** Asks until the answer is as wanted, a minute long unless told otherwise (`timeout`, ms); the last answer is in the error. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T>,
  wanted: (answer: T) => boolean,
  timeout = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeout
  for (;;) {
    let answer: T | undefined
    let failure: unknown
    try {
      answer = await ask()
      if (wanted(answer)) return answer
    } catch (error) {
      failure = error
    }
    if (Date.now() > deadline)
      throw new Error(
        `${what}: not within ${timeout / 1000} s; last: ${failure instanceof Error ? failure.message : JSON.stringify(answer)}`,
      )
    // Another system is asked from outside: there is no event to wait for.
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}
