/**
 * Waiting for a count that another thread moves in shared memory. Whoever counts wakes the other afterwards, and may be held up between the two: by
 * then the other may have seen the count, gone on, and sleep on the next. So being woken says nothing; only the count does.
 */

/** Milliseconds that are spent looking, between one event and the next, before falling asleep: on a quick disk to sleep and be woken takes half as long as a commit. */
const ALERT = 0.3

/** Calls back once the count is no longer `from`, never within the call. */
export function whenMoved(counts: Int32Array, index: number, from: number, call: () => void): void {
  const alertUntil = performance.now() + ALERT
  const look = (): void => {
    if (Atomics.load(counts, index) !== from) return call()
    if (performance.now() < alertUntil) return void setImmediate(look)
    const woken = Atomics.waitAsync(counts, index, from)
    if (woken.async) void woken.value.then(look)
    else look()
  }
  setImmediate(look)
}

/** Holds up this thread until the count is no longer `from`. Until then it does what there is to do; `work` answers whether there may be more. */
export function untilMoved(counts: Int32Array, index: number, from: number, work: () => boolean): void {
  while (Atomics.load(counts, index) === from) {
    if (!work()) Atomics.wait(counts, index, from)
  }
}
