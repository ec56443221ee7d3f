import type { TraceHop } from '../../../../src-wire/trace/document.ts'
import type { ArrivalReport, Listener, ProbeReport } from '../../../../src-wire/trace/steps.ts'
import { hop } from './hop.ts'
import type { Known } from './known.ts'

/** What happened at the other end; none where the packet never left. */
export function arrivalHops(known: Known, probe: ProbeReport): TraceHop[] {
  const { followed } = known
  const { target, targetNode, arrival, isThere } = followed
  if (!probe.flow || target === undefined) return []
  const node = targetNode?.metadata.name
  if (!node) return [hop('arrival', 'unknown', 'outside', { target })]
  if (!isThere || !arrival) return [hop('arrival', 'unknown', 'nodeAway', { node, target }, { node })]
  const hops = [seenHop(known, arrival, node)]
  if (arrival.policy) {
    const values = { pod: known.endpointPod ?? target, chain: arrival.policy.rule.chain }
    return [hop('policy', 'failed', arrival.policy.direction, values, { evidence: arrival.evidence.policy, node })]
  }
  return arrival.flow ? [...hops, endpointHop(known, arrival)] : hops
}

function seenHop({ followed }: Known, { flow, evidence }: ArrivalReport, node: string): TraceHop {
  const { target } = followed
  if (!flow) return hop('arrival', 'failed', 'notSeen', { node, target }, { evidence: evidence.flow, node })
  const isSame = followed.probe?.node === node
  const values = { node, source: flow.original.source, state: flow.state, target }
  return hop('arrival', 'ok', isSame ? 'sameNode' : 'seen', values, { evidence: evidence.flow, node })
}

function endpointHop(known: Known, arrival: ArrivalReport): TraceHop {
  const { source: address, sourcePort: port } = arrival.flow?.reply ?? {
    source: known.followed.target ?? '',
    sourcePort: 0,
  }
  const { node, route, neighbour, bridgePort, evidence } = arrival
  const shown = [evidence.route, evidence.neighbour, evidence.bridge, evidence.listening].flatMap((one) => one ?? [])
  const place = waits(arrival.listening, address, port)
  const { began, answered } = arrival.flow ?? {}
  const values = {
    target: known.endpointPod ?? address,
    address,
    port,
    node,
    link: bridgePort ?? route?.device ?? '',
    mac: neighbour?.mac,
    listening: portsOf(arrival.listening),
  }
  const at = { node, ms: began !== undefined && answered !== undefined ? answered - began : undefined }
  if (neighbour && !neighbour.mac) return hop('endpoint', 'failed', 'noNeighbour', values, { evidence: shown, ...at })
  if (place === 'loopback' || place === 'none') {
    const said = place === 'loopback' ? 'loopbackOnly' : values.listening ? 'listensElsewhere' : 'nothingListens'
    return hop('endpoint', 'failed', said, values, { evidence: shown, ...at })
  }
  const said = route?.kind === 'local' ? 'node' : neighbour || known.endpointPod ? 'pod' : 'onward'
  return hop('endpoint', 'ok', said, values, { evidence: shown, ...at })
}

/** Whether somebody waits at a port of an address; undefined where nobody looked. */
function waits(
  listening: readonly Listener[] | undefined,
  address: string,
  port: number,
): 'there' | 'loopback' | 'none' | undefined {
  if (!listening) return undefined
  const there = listening.filter((one) => one.port === port)
  if (there.some((one) => one.address === '0.0.0.0' || one.address === address)) return 'there'
  return there.length > 0 ? 'loopback' : 'none'
}

/** Ports that are open to others, in order. */
const portsOf = (listening: readonly Listener[] | undefined): string | undefined => {
  const open = (listening ?? []).filter(({ address }) => !/^(127\.|::1$)/.test(address)).map(({ port }) => port)
  return open.length > 0 ? [...new Set(open)].sort((a, b) => a - b).join(', ') : undefined
}
