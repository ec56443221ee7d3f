import type { Clock } from '../machinery/clock.ts'

/** Resolves after `milliseconds`, or at once when the signal aborts; never rejects. */
export function sleep(clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const finish = () => {
      timer.cancel()
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const timer = clock.after(milliseconds, finish)
    signal?.addEventListener('abort', finish, { once: true })
  })
}
