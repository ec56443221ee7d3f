/**
 * Follows one real packet: a connection is opened from a pod's own network, and the kernel is asked on both sides what it did with it. The tools
 * are those of every node (socat, conntrack, iptables-save, ip, bridge, ss); nothing is captured, no rule is added, and no process stays. Tracing
 * every rule in the kernel (`TRACE`) was left out: it needs rules of its own and modules that desktops do not always have, and counters and the
 * connection's entry say the same of one packet.
 */
import { tooManyRequests } from '../../src-kube/machinery/errors.ts'
import type { ProbeReport, ProbeStep, TraceServices } from '../../src-wire/trace/steps.ts'
import { arrival } from './arrival.ts'
import type { TraceOptions } from './options.ts'
import { probe } from './probe.ts'
import { Watches } from './watches.ts'

export type { PodPlace, TraceOptions } from './options.ts'

/** Probes at a time: each is some processes, and seconds of waiting. */
const MOST_PROBES = 8

/** What the API server may ask of this node about one packet. Throws 429 while too many are followed at once. */
export function createTrace(options: TraceOptions): TraceServices {
  const watches = new Watches(options)
  let probing = 0
  const oneOfFew = async (step: ProbeStep): Promise<ProbeReport> => {
    if (probing >= MOST_PROBES) throw tooManyRequests('too many packets are followed at once', 1)
    probing++
    try {
      return await probe(options, step)
    } finally {
      probing--
    }
  }
  return {
    probe: oneOfFew,
    watch: (step) => watches.begin(step),
    unwatch: ({ id }) => Promise.resolve(watches.end(id)),
    arrival: (step) => arrival(options, watches, step),
  }
}
