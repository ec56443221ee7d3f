import { badRequest } from '../../src-kube/machinery/errors.ts'
import type { ArrivalReport, ArrivalStep, Listener } from '../../src-wire/trace/steps.ts'
import { between, type FlowLine, linesAnswered, parseFlows, trackOf } from './conntrack.ts'
import { isAddress } from './names.ts'
import { type PodPlace, type TraceOptions, until, within } from './options.ts'
import { policyDrop } from './policy.ts'
import { routeArguments, shown } from './route.ts'
import type { SavedRule } from './rules.ts'
import { savedRules } from './saved-rules.ts'
import { parseListeners, parseNeighbour, parseRoute, portOf } from './tables.ts'
import type { Watches } from './watches.ts'

/** Milliseconds that the kernel's news may take to come. */
const NEWS = 250

/** What this node saw of a packet that should have come out here: its entry, the way to the pod, and what listens there. */
export async function arrival(options: TraceOptions, watches: Watches, step: ArrivalStep): Promise<ArrivalReport> {
  check(step)
  const report: ArrivalReport = { node: options.nodeName, evidence: {} }
  const before = step.watch === undefined ? undefined : watches.look(step.watch)?.before
  await flowOf(options, watches, step, report)
  if (before) await policyOf(options, before, step, report)
  // A node port's own node sends it on to the endpoint.
  const target = report.flow?.reply.source ?? step.reply.source
  const place = options.at(target)
  const { json, evidence } = await shown(options.host, 'ip', routeArguments(target))
  const route = parseRoute(json)
  if (route) report.route = route
  report.evidence.route = [evidence]
  if (route?.kind === 'unicast' && route.device === options.bridge) await bridgeTo(options, target, report)
  // Between pods of one bridge the node itself needs no neighbour.
  if (place?.link) report.bridgePort ??= place.link
  if (place) report.pod = { namespace: place.namespace, name: place.pod }
  if (place ?? route?.kind === 'local') await listenersOf(options, place, step, report)
  return report
}

function check({ protocol, reply }: ArrivalStep): void {
  const ports = [reply?.sourcePort, reply?.targetPort]
  const isWhole = isAddress(reply?.source ?? '') && isAddress(reply?.target ?? '') && ports.every(Number.isInteger)
  if (!isWhole || (protocol !== 'tcp' && protocol !== 'udp')) throw badRequest('what arrives is no connection of IPv4')
}

async function flowOf(
  { host, clock }: TraceOptions,
  watches: Watches,
  { watch, protocol, reply }: ArrivalStep,
  report: ArrivalReport,
): Promise<void> {
  let lines: FlowLine[] = []
  let command = ''
  if (watch !== undefined) {
    const heard = (): FlowLine[] => linesAnswered(watches.look(watch)?.lines ?? [], reply)
    await until(clock, NEWS, () => heard().some(({ flow, event }) => !flow.unreplied || event === 'DESTROY'))
    command = watches.look(watch)?.command ?? ''
    lines = heard()
    watches.end(watch)
  }
  if (lines.length === 0) {
    for (const filter of between(protocol, reply)) {
      const args = ['-L', ...filter]
      command = ['conntrack', ...args].join(' ')
      lines = linesAnswered(parseFlows((await host.run('conntrack', args)).stdout), reply)
      if (lines.length > 0) break
    }
  }
  const track = trackOf(lines)
  if (track) report.flow = track
  report.evidence.flow = [{ command, lines: lines.map(({ line }) => line) }]
}

async function policyOf(
  options: TraceOptions,
  before: readonly SavedRule[],
  { reply }: ArrivalStep,
  report: ArrivalReport,
): Promise<void> {
  const dropped = policyDrop(before, await savedRules(options), { source: reply.target, target: reply.source })
  if (!dropped) return
  report.policy = dropped.drop
  report.evidence.policy = [{ command: 'iptables-save -c -t filter', lines: dropped.lines }]
}

async function bridgeTo({ host, bridge }: TraceOptions, target: string, report: ArrivalReport): Promise<void> {
  const neighbour = await shown(host, 'ip', ['neigh', 'show', target, 'dev', bridge])
  report.evidence.neighbour = [neighbour.evidence]
  const entry = parseNeighbour(neighbour.json)
  if (!entry) return
  report.neighbour = entry
  if (!entry.mac) return
  const ports = await shown(host, 'bridge', ['fdb', 'show', 'br', bridge])
  const port = portOf(ports.json, entry.mac)
  if (port) report.bridgePort = port
  report.evidence.bridge = [
    { ...ports.evidence, lines: ports.evidence.lines.filter((line) => line.startsWith(entry.mac)) },
  ]
}

async function listenersOf(
  { host }: TraceOptions,
  place: PodPlace | undefined,
  { protocol }: ArrivalStep,
  report: ArrivalReport,
): Promise<void> {
  const [command, args] = within(place?.pid, 'ss', [protocol === 'tcp' ? '-Hltn' : '-Hlun'])
  const { stdout } = await host.run(command, args)
  const listening = unique(parseListeners(stdout))
  report.listening = listening
  report.evidence.listening = [
    { command: [command, ...args].join(' '), lines: stdout.split('\n').filter((line) => line.trim() !== '') },
  ]
}

const unique = (listeners: readonly Listener[]): Listener[] => [
  ...new Map(listeners.map((one) => [`${one.address}:${one.port}`, one])).values(),
]
