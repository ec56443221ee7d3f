import type { Clock, Timer } from '../src-kube/machinery/clock.ts'

/** Either kind of HTTP/2 session, as far as pings need it. */
interface Pingable {
  readonly destroyed: boolean
  ping(callback: (error: Error | null) => void): boolean
  destroy(error?: Error): void
}

/** What becomes of a session whose other end says nothing any more. */
export interface Silence {
  /** Two pings in a row stayed unanswered. No more are sent until one of them is answered. */
  fell(error: Error): void
  /** The other end answers again, after `fell`. */
  ended(): void
}

/** Pings the other end every `interval` milliseconds; a session that leaves two in a row unanswered is destroyed, unless `silence` decides otherwise. Returns what ends the pings. */
export function keepAlive(
  session: Pingable,
  clock: Clock,
  interval: number,
  silence: Silence = { fell: (error) => session.destroy(error), ended: () => undefined },
): () => void {
  let unanswered = 0
  let isSilent = false
  let timer: Timer
  const tick = () => {
    if (session.destroyed) return
    if (unanswered >= 2) {
      isSilent = true
      return silence.fell(new Error('the other end does not answer pings'))
    }
    unanswered++
    session.ping((error) => error ?? answered())
    timer = clock.after(interval, tick)
  }
  const answered = () => {
    unanswered = 0
    if (!isSilent) return
    isSilent = false
    timer = clock.after(interval, tick)
    silence.ended()
  }
  timer = clock.after(interval, tick)
  return () => timer.cancel()
}
