import type { ArrivalReport, Evidence, ProbeReport } from '../../../../src-wire/trace/steps.ts'
import type { Followed } from './follow.ts'

/** What a user may see of what a packet met. */
export interface Visible {
  /** The service that it was for. */
  service: boolean
  /** What has the endpoint's address: a pod, else the node itself. */
  endpoint: boolean
}

/**
 * What both ends said, without what it tells of objects that the user may not see: rules name services and pods in their comments, and what listens
 * at the endpoint is told by its owner's network.
 */
export function redacted(followed: Followed, visible: Visible): Followed {
  const { probe, arrival } = followed
  return {
    ...followed,
    ...(probe && { probe: probeSeen(probe, visible) }),
    ...(arrival && !visible.endpoint && { arrival: arrivalSeen(arrival) }),
  }
}

function probeSeen(probe: ProbeReport, { service, endpoint }: Visible): ProbeReport {
  const { rules, policy } = probe.evidence
  const evidence = {
    ...probe.evidence,
    ...(rules && !service && { rules: nameless(rules) }),
    ...(policy && !endpoint && { policy: nameless(policy) }),
  }
  return { ...probe, evidence }
}

function arrivalSeen(arrival: ArrivalReport): ArrivalReport {
  const { listening: _, ...seen } = arrival
  const { listening: _lines, policy, ...evidence } = arrival.evidence
  return { ...seen, evidence: { ...evidence, ...(policy && { policy: nameless(policy) }) } }
}

/** Lines of `iptables-save` without their comments, and chains of nftables by what is before the name of their service. */
const nameless = (evidence: readonly Evidence[]): Evidence[] =>
  evidence.map(({ command, lines }) => ({ command: unnamed(command), lines: lines.map(unnamed) }))

const unnamed = (text: string): string =>
  text
    .replaceAll(/ -m comment --comment (?:"[^"]*"|\S+)/g, '')
    .replaceAll(/\b((?:service|local|external|firewall|endpoint|affinity)-[0-9A-Z]{16})-[^\s,}]+/g, '$1')
