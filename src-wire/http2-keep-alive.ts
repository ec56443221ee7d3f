import type { Clock, Timer } from '../src-kube/machinery/clock.ts'

/** Either kind of HTTP/2 session, as far as pings need it. */
interface Pingable {
  readonly destroyed: boolean
  ping(callback: (error: Error | null) => void): boolean
  destroy(error?: Error): void
}

/** Pings the other end every `interval` milliseconds, and destroys the session when two pings in a row stay unanswered. Returns what ends the pings. */
export function keepAlive(session: Pingable, clock: Clock, interval: number): () => void {
  let unanswered = 0
  let timer: Timer
  const tick = () => {
    if (session.destroyed) return
    if (unanswered >= 2) return session.destroy(new Error('the other end does not answer pings'))
    unanswered++
    session.ping((error) => {
      if (!error) unanswered = 0
    })
    timer = clock.after(interval, tick)
  }
  timer = clock.after(interval, tick)
  return () => timer.cancel()
}
