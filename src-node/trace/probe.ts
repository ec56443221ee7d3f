import { badRequest, notFound } from '../../src-kube/machinery/errors.ts'
import type { Attempt, Evidence, ProbeReport, ProbeStep, RuleHit } from '../../src-wire/trace/steps.ts'
import { attempt } from './attempt.ts'
import { type FlowLine, fromPort, parseFlows, trackOf } from './conntrack.ts'
import { type FlowEvents, listenToFlows } from './events.ts'
import { lookUp } from './lookup.ts'
import { isAddress, isHost } from './names.ts'
import { type PodPlace, type TraceOptions, until } from './options.ts'
import { routeTo } from './route.ts'
import { policyDrop } from './policy.ts'
import { nftKeeping, nftTaken } from './nft-rules.ts'
import { rulesTaken, type SavedRule, type Sent } from './rules.ts'
import { savedRules } from './saved-rules.ts'
import { addressesIn } from './tables.ts'

/** Milliseconds that the kernel's news of a connection may take to come. */
const NEWS = 250

/**
 * Sends one real packet from a pod's network, or the node's, and tells what the kernel did with it here: name, rules, addresses replaced,
 * route, overlay. Throws 400 for what cannot be sent and 404 for a pod that is not here.
 */
export async function probe(options: TraceOptions, step: ProbeStep): Promise<ProbeReport> {
  check(step)
  const place = step.pod && options.find(step.pod.namespace, step.pod.name)
  if (step.pod && !place) throw notFound({ group: '', resource: 'pods' }, step.pod.name)
  const report: ProbeReport = {
    node: options.nodeName,
    source: sourceOf(options, place),
    evidence: {},
  }
  if (place?.link) report.evidence.source = [await linkOf(options, place)]
  const before = await savedRules(options)
  const probing: Probing = { options, step, place, report }
  const address = isAddress(step.host) ? step.host : await named(probing)
  // What the name was asked with went through the tables, too.
  const after = address === undefined ? await savedRules(options) : await sendTo(probing, address, before)
  const target = report.flow?.reply.source ?? report.rules?.endpoint?.address ?? address
  const dropped = policyDrop(before, after, { source: report.source.address, target })
  if (dropped) {
    report.policy = dropped.drop
    report.evidence.policy = [{ command: 'iptables-save -c -t filter', lines: dropped.lines }]
  }
  if (target !== undefined) await routeTo(options, place, target, report)
  return report
}

/** A packet to be sent: what is asked, from where, and the report that what is seen of it goes into. */
interface Probing {
  options: TraceOptions
  step: ProbeStep
  /** Undefined: the node itself. */
  place: PodPlace | undefined
  report: ProbeReport
}

/** The tables once the packet was sent. */
async function sendTo(probing: Probing, address: string, before: readonly SavedRule[]): Promise<readonly SavedRule[]> {
  const { options, step, report } = probing
  report.address = address
  const own = addressesIn((await options.host.run('ip', ['-j', 'addr', 'show'])).stdout)
  const sent: Sent = { protocol: step.protocol, address, port: step.port, own }
  const keeping = await nftKeeping(options.host, sent, report.source.address)
  await send(probing, address)
  const after = await savedRules(options)
  await rulesOf(options, sent, { before, after, keeping }, report)
  return after
}

function check({ host, port, protocol, timeout }: ProbeStep): void {
  if (!isHost(host)) throw badRequest(`"${host}" is neither a name nor an IPv4 address`)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw badRequest(`${port} is not a port`)
  if (protocol !== 'tcp' && protocol !== 'udp') throw badRequest('the protocol must be tcp or udp')
  if (!(timeout >= 100 && timeout <= 10_000)) throw badRequest('the timeout must be from 100 to 10000 milliseconds')
}

const sourceOf = ({ nodeIp }: TraceOptions, place: PodPlace | undefined): ProbeReport['source'] =>
  place?.link
    ? { address: place.address, hostNetwork: false, link: place.link }
    : { address: nodeIp, hostNetwork: place !== undefined }

async function linkOf({ host, bridge }: TraceOptions, { link }: PodPlace): Promise<Evidence> {
  const args = ['-br', 'link', 'show', 'master', bridge]
  const { stdout } = await host.run('ip', args)
  return { command: `ip ${args.join(' ')}`, lines: stdout.split('\n').filter((line) => line.startsWith(link)) }
}

/** The address of the step's host; undefined where nobody answers the name. */
async function named({ options, step, place, report }: Probing): Promise<string | undefined> {
  const found = await lookUp(options, place, step.host)
  report.name = found.report
  report.evidence.name = found.evidence
  return found.report.address
}

async function send(probing: Probing, address: string): Promise<void> {
  const { options, step, place, report } = probing
  // A pod on the node's own network is in the namespace that we are in ourselves.
  const pid = place?.link ? place.pid : undefined
  const { protocol, port, timeout } = step
  let events: FlowEvents | undefined
  try {
    const made = await attempt(options, pid, { protocol, address, port, timeout }, async (chosen) => {
      events?.stop()
      events = await listenToFlows(options, fromPort(protocol, chosen), () => true)
    })
    report.attempt = made.attempt
    report.evidence.attempt = made.evidence
    await flowOf(probing, made.attempt, events!)
  } finally {
    events?.stop()
  }
}

/** What was told of the connection, once what must come has come; the table itself where nothing is told of changes. */
async function flowOf(probing: Probing, { outcome, sourcePort }: Attempt, events: FlowEvents): Promise<void> {
  const { options, step, report } = probing
  const { host, clock } = options
  const answers = outcome === 'connected' || outcome === 'answered' || outcome === 'refused'
  await until(clock, NEWS, () => {
    const track = trackOf(events.lines())
    return track !== undefined && (!answers || track.reset || !track.unreplied)
  })
  let lines: FlowLine[] = events.lines()
  let { command } = events
  if (lines.length === 0) {
    const args = ['-L', ...fromPort(step.protocol, sourcePort)]
    lines = parseFlows((await host.run('conntrack', args)).stdout)
    command = ['conntrack', ...args].join(' ')
  }
  const track = trackOf(lines)
  if (track) report.flow = track
  report.evidence.flow = [{ command, lines: lines.map(({ line }) => line) }]
}

async function rulesOf(
  options: TraceOptions,
  to: Sent,
  { before, after, keeping }: { before: readonly SavedRule[]; after: readonly SavedRule[]; keeping: Set<string> },
  report: ProbeReport,
): Promise<void> {
  const { flow, evidence } = report
  const endpoint = flow && { address: flow.reply.source, port: flow.reply.sourcePort }
  const sent = { ...to, endpoint }
  const seen = rulesTaken(before, after, sent)
  // On a node in nftables mode iptables' tables translate nothing.
  const nft = await nftTaken(options.host, sent, keeping)
  report.rules = { ...seen.report, ...nft?.report }
  if (nft && nft.evidence.length > 0) evidence.rules = nft.evidence
  const table = (hit: RuleHit | undefined): string => `iptables-save -c -t ${hit?.table ?? 'nat'}`
  if (seen.lines.length > 0)
    evidence.rules = [{ command: table(seen.report.way[0] ?? seen.report.refusal), lines: seen.lines }]
  if (seen.masqueraded.length > 0) evidence.masquerade = [{ command: table(undefined), lines: seen.masqueraded }]
}
