import type { TraceHop } from '../../../../src-wire/trace/document.ts'
import type { Flow, ProbeReport } from '../../../../src-wire/trace/steps.ts'
import type { HopWord } from '../../../../src-wire/trace/words.ts'
import { arrivalHops } from './arrival-hops.ts'
import { leaseOf } from './facts.ts'
import { hop } from './hop.ts'
import type { Known } from './known.ts'

/** The stations of a packet, in its order, up to where it was last seen. */
export function hopsOf(known: Known): TraceHop[] {
  const { probe } = known.followed
  const hops = [sourceHop(known)]
  if (!probe) return hops
  hops.push(...nameHop(probe))
  if (probe.attempt) hops.push(...serviceHop(known, probe))
  if (probe.policy) hops.push(policyHop(known, probe))
  if (!probe.attempt) return hops
  if (!probe.rules?.refusal) hops.push(...wayHops(known, probe), ...arrivalHops(known, probe))
  hops.push(answerHop(probe))
  return hops
}

const podName = ({ plan: { pod } }: Known): string | undefined =>
  pod && `${pod.metadata.namespace}/${pod.metadata.name}`

function sourceHop(known: Known): TraceHop {
  const { plan, followed } = known
  const { probe } = followed
  const pod = podName(known)
  if (!plan.node) return hop('source', 'failed', 'unbound', { pod })
  if (!probe) return hop('source', 'failed', 'nodeAway', { pod, node: plan.node }, { node: plan.node })
  const { source, evidence, node } = probe
  const values = { pod, node, address: source.address, link: source.link }
  const said = source.link ? 'pod' : pod ? 'hostPod' : 'node'
  return hop('source', 'ok', said, values, { evidence: evidence.source, node })
}

/** None where the destination was an address already. */
function nameHop({ name, node, evidence }: ProbeReport): TraceHop[] {
  if (!name) return []
  const last = name.queries.at(-1)
  const asked = name.queries.length
  const values = { name: last?.name, server: name.server, address: name.address, asked, alias: last?.aliases.at(-1) }
  const at = { node, ms: last?.ms }
  if (last?.result === 'found') {
    const said = last.aliases.length > 0 ? 'alias' : asked > 1 ? 'foundAfter' : 'found'
    return [hop('name', 'ok', said, values, { evidence: evidence.name, ...at })]
  }
  const tried = name.queries.map((query) => query.name).join(', ')
  return [hop('name', 'failed', whyNoAddress(name.queries), { ...values, tried }, { evidence: evidence.name, ...at })]
}

function whyNoAddress(queries: NonNullable<ProbeReport['name']>['queries']): HopWord<'name'> {
  const results = new Set(queries.map(({ result }) => result))
  if (queries.length === 0) return 'noServer'
  if (queries.at(-1)!.result === 'silent') return 'silent'
  if (results.has('failed')) return 'serverFailed'
  return results.has('no-data') ? 'noData' : 'noName'
}

/** None for what is sent straight to an endpoint. */
function serviceHop({ service }: Known, probe: ProbeReport): TraceHop[] {
  const { rules, flow, address, evidence, node } = probe
  if (!rules) return []
  const [first] = rules.way
  const end = rules.endpoint
  const values = {
    service: service?.name,
    address,
    endpoint: end && `${end.address}:${end.port}`,
    chain: rules.way.at(-1)?.chain,
    ready: service?.ready,
    seconds: rules.affinity?.seconds,
    ports: service?.ports.join(', '),
  }
  const at = { node }
  if (rules.refusal) {
    const said = rules.refusal.target === 'REJECT' ? 'rejected' : 'dropped'
    return [
      hop('service', 'failed', said, { ...values, chain: rules.refusal.chain }, { evidence: evidence.rules, ...at }),
    ]
  }
  if (first && end) {
    const said = rules.affinity ? (rules.affinity.kept ? 'kept' : 'chosenSticky') : 'chosen'
    return [
      hop('service', 'ok', said, values, { evidence: [...(evidence.rules ?? []), ...(evidence.flow ?? [])], ...at }),
    ]
  }
  if (flow && isTranslated(flow)) {
    const to = `${flow.reply.source}:${flow.reply.sourcePort}`
    return [hop('service', 'ok', 'translated', { ...values, endpoint: to }, { evidence: evidence.flow, ...at })]
  }
  // A headless service's name leads to a pod without any rule.
  if (!service || service.clusterIp !== address) return []
  if (probe.route?.kind === 'local')
    return [hop('service', 'ok', 'ownDns', values, { evidence: evidence.route, ...at })]
  return [hop('service', 'failed', 'noRule', values, { evidence: evidence.route, ...at })]
}

const isTranslated = ({ original, reply }: Flow): boolean =>
  original.target !== reply.source || original.targetPort !== reply.sourcePort

function policyHop(known: Known, { policy, node, evidence }: ProbeReport): TraceHop {
  const values = {
    pod: policy?.direction === 'egress' ? podName(known) : known.followed.target,
    chain: policy?.rule.chain,
  }
  return hop('policy', 'failed', policy?.direction ?? 'egress', values, { evidence: evidence.policy, node })
}

/** Source address, route and overlay: what the source's node does once it knows where to. */
function wayHops(known: Known, probe: ProbeReport): TraceHop[] {
  const { flow, rules, route, evidence, node } = probe
  const hops: TraceHop[] = []
  if (flow) {
    const { original, reply } = flow
    const isKept = reply.target === original.source
    const values = { address: original.source, by: reply.target, chain: rules?.masquerade?.chain ?? 'MASQUERADE' }
    const shown = isKept ? evidence.flow : [...(evidence.masquerade ?? []), ...(evidence.flow ?? [])]
    hops.push(hop('address', 'ok', isKept ? 'kept' : 'replaced', values, { evidence: shown, node }))
  }
  if (probe.policy || !route) return hops
  const { device, gateway } = route
  const target = known.followed.target
  const said = wayOf(route, probe.overlay !== undefined)
  const state = said === 'none' ? 'failed' : 'ok'
  hops.push(hop('route', state, said, { target, device, gateway }, { evidence: evidence.route, node }))
  if (probe.overlay) hops.push(overlayHop(known, probe))
  return hops
}

function wayOf({ kind, gateway }: NonNullable<ProbeReport['route']>, overlaid: boolean): HopWord<'route'> {
  if (kind === 'local') return 'local'
  if (kind === 'unreachable') return 'none'
  if (overlaid) return 'overlay'
  return gateway ? 'gateway' : 'link'
}

/** The peer by the kernel's entries, beside what its lease says. */
function overlayHop({ followed }: Known, { overlay, evidence, node }: ProbeReport): TraceHop {
  const { device = '', gateway, mac, peer, vni, port } = overlay ?? {}
  const lease = leaseOf(followed.targetNode)
  const to = followed.targetNode?.metadata.name ?? peer
  const values = { device, gateway, mac, peer, vni, port, to, lease: lease.address, leaseMac: lease.mac }
  const isOther = (lease.address !== '' && peer !== lease.address) || (lease.mac !== '' && mac !== lease.mac)
  const said = !mac ? 'noNeighbour' : !peer ? 'noForwarding' : isOther ? 'otherLease' : 'sent'
  return hop('overlay', said === 'sent' ? 'ok' : 'failed', said, values, { evidence: evidence.overlay, node })
}

function answerHop({ attempt, evidence, node }: ProbeReport): TraceHop {
  const { outcome = 'failed', ms, words } = attempt ?? {}
  const good = outcome === 'connected' || outcome === 'answered'
  const state = good ? 'ok' : outcome === 'silent' ? 'unknown' : 'failed'
  return hop('answer', state, outcome, { words, ms: ms?.toFixed(1) }, { evidence: evidence.attempt, node, ms })
}
