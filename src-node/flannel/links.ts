import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Clock } from '../../src-kube/machinery/clock.ts'

/** Whose coming and going is listened for. */
export interface LinkOptions {
  host: { spawn(command: string, args: readonly string[]): ChildProcessWithoutNullStreams }
  /** Name of the overlay's device. */
  device: string
  clock: Clock
  signal: AbortSignal
  log: (message: string) => void
}

/** Milliseconds before a monitor that ended is started again. */
const RETRY = 1_000
/** A device that is gone; its name. */
const LOST = /^Deleted \d+: ([^@:]+)/
/** The node network's devices, as Docker names them: one that is unplugged takes the VXLAN device on top of it along. */
const UPLINK = /^(?:Deleted )?\d+: eth\d+[@:]/

/**
 * Calls back when a device that the overlay stands on comes or goes, by the kernel's own events (`ip monitor`). Those of containers are no
 * news. A monitor that ends is started again, after a call: what happened meanwhile is not known.
 */
export function watchLinks(options: LinkOptions, changed: () => void): void {
  const { host, device, clock, signal, log } = options
  const child = host.spawn('ip', ['-o', 'monitor', 'link'])
  const stop = (): void => void child.kill()
  signal.addEventListener('abort', stop, { once: true })
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (LOST.exec(line)?.[1] === device || UPLINK.test(line)) changed()
  })
  let isOver = false
  const again = (words: string): void => {
    signal.removeEventListener('abort', stop)
    if (isOver || signal.aborted) return
    isOver = true
    log(`ip monitor: ${words}`)
    clock.after(RETRY, () => {
      if (signal.aborted) return
      watchLinks(options, changed)
      changed()
    })
  }
  child.once('error', (error) => again(error.message))
  child.once('exit', (code) => again(`ended with ${code}`))
}
