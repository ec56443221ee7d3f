import type { Conclusion, TraceHop, TraceOutcome } from '../../../../src-wire/trace/document.ts'
import type { ProbeReport } from '../../../../src-wire/trace/steps.ts'
import type { Reason } from '../../../../src-wire/trace/words.ts'
import type { Known, KnownService } from './known.ts'

/** What became of the packet, and the sentence that says why. */
export interface Verdict {
  outcome: TraceOutcome
  conclusion: Conclusion
}

type Values = Record<string, string | number | undefined>

const verdict = (outcome: TraceOutcome, reason: Reason, values: Values): Verdict => {
  const given = Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  return { outcome, conclusion: { reason, values: Object.fromEntries(given) as Record<string, string> } }
}

/** One sentence: how it ended, and why as far as both ends say. The hops are those of the same packet. */
export function conclude(known: Known, hops: readonly TraceHop[]): Verdict {
  const { plan, followed } = known
  const { probe } = followed
  if (!probe) return verdict('unsent', plan.node ? 'sourceNodeAway' : 'sourceUnbound', { node: plan.node })
  if (!probe.attempt) return nameless(known, probe, hops)
  const values = ends(known, probe)
  const { outcome } = probe.attempt
  // Without a rule the packet left for the address itself: whoever answers there is not the Service.
  const isStray = said(hops, 'service') === 'noRule'
  switch (outcome) {
    case 'connected':
    case 'answered':
      return isStray ? noRule(known, values, 'lost') : verdict('answered', outcome, values)
    case 'failed':
      return verdict('unsent', 'notSent', { ...values, words: probe.attempt.words })
    case 'refused':
      return refused(known, probe, hops, values)
    case 'silent':
      return silent(known, probe, hops, values)
    default:
      return lost(known, probe, hops, values)
  }
}

function ends({ plan, followed, endpointPod, service }: Known, { attempt, address, flow, node }: ProbeReport): Values {
  const { pod, probe } = plan
  // A node port's own node knows the endpoint better.
  const reply = (followed.arrival?.flow ?? flow)?.reply
  const endpoint = reply && `${reply.source}:${reply.sourcePort}`
  return {
    source: pod ? `${pod.metadata.namespace}/${pod.metadata.name}` : plan.node,
    from: node,
    host: probe.host,
    address,
    port: probe.port,
    target: endpointPod ?? endpoint ?? followed.target ?? address,
    endpoint,
    endpointPort: reply?.sourcePort ?? probe.port,
    node: followed.targetNode?.metadata.name,
    service: service?.name,
    ms: attempt?.ms?.toFixed(1),
  }
}

const said = (hops: readonly TraceHop[], id: TraceHop['id']): string | undefined =>
  hops.find((one) => one.id === id)?.said
const valuesOf = (hops: readonly TraceHop[], id: TraceHop['id']): Record<string, string> =>
  hops.find((one) => one.id === id)?.values ?? {}

function nameless({ plan, elsewhere }: Known, { name, policy }: ProbeReport, hops: readonly TraceHop[]): Verdict {
  const { pod, node } = plan
  const source = pod ? `${pod.metadata.namespace}/${pod.metadata.name}` : node
  const values = { host: plan.probe.host, server: name?.server, source }
  const word = said(hops, 'name')
  // A policy that allows some destinations forbids all others, and the DNS is often forgotten.
  if (policy) return verdict('unsent', 'policyDns', values)
  if (word === 'silent') return verdict('unsent', 'dnsSilent', values)
  if (word === 'serverFailed' || word === 'noServer') return verdict('unsent', 'dnsFailed', values)
  if (plan.service) {
    const service = `${plan.service.metadata.namespace}/${plan.service.metadata.name}`
    const { clusterIP, type } = plan.service.spec
    if (type === 'ExternalName')
      return verdict('unsent', 'externalUnknown', { ...values, service, external: plan.service.spec.externalName })
    if (clusterIP === 'None') return verdict('unsent', 'headlessEmpty', { ...values, service })
  }
  const [service] = values.host.split('.')
  return elsewhere.length > 0
    ? verdict('unsent', 'nameElsewhere', {
        ...values,
        service,
        namespaces: elsewhere.join(', '),
        namespace: elsewhere[0],
      })
    : verdict('unsent', 'noSuchName', values)
}

/** Why a service's rules refuse: what its selector finds, and what is not ready of it. */
function withoutEndpoints(service: KnownService | undefined, values: Values): Verdict {
  if (!service) return verdict('refused', 'noEndpoints', values)
  const { selector, selected } = service
  if (!selected) return verdict('refused', 'noEndpointsByHand', values)
  if (selected.all === 0) return verdict('refused', 'noPodsMatch', { ...values, selector })
  if (selected.unready.length > 0) {
    const unready = selected.unready.slice(0, 3).join(', ')
    return verdict('refused', 'podsNotReady', { ...values, unready, count: selected.all })
  }
  return verdict('refused', 'noEndpoints', values)
}

function refused(known: Known, probe: ProbeReport, hops: readonly TraceHop[], values: Values): Verdict {
  if (probe.rules?.refusal) return withoutEndpoints(known.service, values)
  const endpoint = said(hops, 'endpoint')
  const { listening } = valuesOf(hops, 'endpoint')
  if (endpoint === 'nothingListens') return verdict('refused', 'nothingListens', values)
  if (endpoint === 'listensElsewhere') return verdict('refused', 'listensElsewhere', { ...values, listening })
  if (endpoint === 'loopbackOnly') return verdict('refused', 'loopbackOnly', values)
  if (said(hops, 'service') === 'noRule') return noRule(known, values, 'refused')
  return verdict('refused', said(hops, 'arrival') === 'outside' ? 'refusedOutside' : 'refusedThere', values)
}

const noRule = ({ service }: Known, values: Values, outcome: TraceOutcome): Verdict =>
  verdict(outcome, 'noServicePort', { ...values, ports: service?.ports.join(', ') })

function silent(known: Known, probe: ProbeReport, hops: readonly TraceHop[], values: Values): Verdict {
  if (known.followed.arrival?.flow && !probe.policy && said(hops, 'endpoint') !== 'noNeighbour')
    return verdict('delivered', 'delivered', values)
  return lost(known, probe, hops, values)
}

/** Nothing came back: where it was last seen says who is to be asked. */
function lost(known: Known, probe: ProbeReport, hops: readonly TraceHop[], values: Values): Verdict {
  const policy = probe.policy ?? known.followed.arrival?.policy
  if (policy) return verdict('refused', policy.direction === 'egress' ? 'policyEgress' : 'policyIngress', values)
  if (probe.rules?.refusal) return verdict('lost', 'noLocalEndpoints', values)
  if (said(hops, 'service') === 'noRule') return noRule(known, values, 'lost')
  if (said(hops, 'route') === 'none') return verdict('lost', 'noRoute', values)
  const overlay = said(hops, 'overlay')
  if (overlay !== undefined && overlay !== 'sent') return verdict('lost', 'overlayBroken', values)
  switch (said(hops, 'arrival')) {
    case 'outside':
      return verdict('lost', probe.attempt?.outcome === 'unreachable' ? 'unreachable' : 'lostOutside', values)
    case 'nodeAway':
      return verdict('lost', 'nodeAway', values)
    case 'notSeen':
      return verdict('lost', 'lostBetween', values)
    case undefined:
      return verdict('lost', probe.attempt?.outcome === 'unreachable' ? 'unreachable' : 'neverLeft', values)
    default:
      return unanswered(known, hops, values)
  }
}

/** It came to the endpoint's node. */
function unanswered({ followed }: Known, hops: readonly TraceHop[], values: Values): Verdict {
  if (said(hops, 'endpoint') === 'noNeighbour') return verdict('lost', 'noSuchAddress', values)
  const { unreplied = true } = followed.arrival?.flow ?? {}
  return verdict('lost', unreplied ? 'noAnswer' : 'lostAnswer', values)
}
