import type { HostOrder } from '../../cluster/detached-host.ts'
import { UserError } from '../../cluster/user-error.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Ctrl-C and the like, and orders of the process that waits for this one, abort a start, which then undoes what it made. Once each: a second
 * Ctrl-C ends the process as it stands, should the engine never answer.
 */
export function catchInterruption(): { signal: AbortSignal; release(): void } {
  const interrupted = new AbortController()
  const interrupt = (): void => interrupted.abort(interruption())
  const obey = (order: HostOrder): void => void (order.type === 'cancel' && interrupt())
  process.on('message', obey)
  for (const signal of signals) process.once(signal, interrupt)
  return {
    signal: interrupted.signal,
    release() {
      for (const signal of signals) process.off(signal, interrupt)
      process.off('message', obey)
    },
  }
}

/** Ends the process once, by a signal or by the answer. */
export function endWith(stop: () => Promise<void>): (code: number) => void {
  let isEnding = false
  const end = async (code: number): Promise<void> => {
    if (isEnding) return
    isEnding = true
    await stop()
    process.exit(code)
  }
  for (const signal of signals) process.on(signal, () => void end(0))
  return (code) => void end(code)
}

const interruption = (): UserError =>
  new UserError('Interrupted: what was made until then is undone.', 'Run `drydock up` again.')
