import type { Clock } from '../../src-kube/machinery/clock.ts'
import type { Host } from '../host/index.ts'
import type { PodPlace } from '../host/pod-place.ts'

export type { PodPlace } from '../host/pod-place.ts'

/** What tracing needs of the node it runs on. `random` chooses source ports. */
export interface TraceOptions {
  host: Pick<Host, 'run' | 'spawn' | 'readFile'>
  nodeName: string
  nodeIp: string
  /** The bridge that pods are on. */
  bridge: string
  /** Undefined when the pod has no sandbox here. */
  find(namespace: string, pod: string): PodPlace | undefined
  /** The pod with an address of this node's range. */
  at(address: string): PodPlace | undefined
  clock: Clock
  /** From 0 to 1, exclusive. */
  random(): number
}

/** A command as it is run: in a pod's network namespace, or as it is. */
export function within(pid: number | undefined, command: string, args: readonly string[]): [string, string[]] {
  return pid === undefined ? [command, [...args]] : ['nsenter', ['-t', String(pid), '-n', command, ...args]]
}

/** Resolves after a time. */
const pause = (clock: Clock, milliseconds: number): Promise<void> =>
  new Promise((resolve) => clock.after(milliseconds, resolve))

/** Milliseconds between two looks at something that tells of no change. */
const LOOK = 10

/** Looks again until it is so, or the time is over; tells which. */
export async function until(clock: Clock, most: number, isSo: () => boolean | Promise<boolean>): Promise<boolean> {
  const end = clock.monotonic() + most
  for (;;) {
    if (await isSo()) return true
    if (clock.monotonic() >= end) return false
    await pause(clock, LOOK)
  }
}
