/**
 * Follows one real packet: a connection is opened from a pod's own network, and the kernel is asked on both sides what it did with it. The tools
 * are those of every node (socat, conntrack, iptables-save, ip, bridge, ss); nothing is captured, no rule is added, and no process stays. Tracing
 * every rule in the kernel (`TRACE`) was left out: it needs rules of its own and modules that desktops do not always have, and counters and the
 * connection's entry say the same of one packet.
 */
import type { TraceServices } from '../../src-wire/trace/steps.ts'
import { arrival } from './arrival.ts'
import type { TraceOptions } from './options.ts'
import { probe } from './probe.ts'
import { Watches } from './watches.ts'

export type { PodPlace, TraceOptions } from './options.ts'

export function createTrace(options: TraceOptions): TraceServices {
  const watches = new Watches(options)
  return {
    probe: (step) => probe(options, step),
    watch: (step) => watches.begin(step),
    unwatch: ({ id }) => Promise.resolve(watches.end(id)),
    arrival: (step) => arrival(options, watches, step),
  }
}
