import type { Overlay, ProbeReport } from '../../src-wire/trace/steps.ts'
import type { PodPlace, TraceOptions } from './options.ts'
import { parseNeighbour, parseRoute, parseVxlan, peerOf } from './tables.ts'

/** Arguments of `ip` for the kernel's own answer: where a packet goes that came in over a device, or from the node itself. */
export const routeArguments = (target: string, from?: { address: string; device: string }): string[] => [
  'route',
  'get',
  target,
  ...(from ? ['from', from.address, 'iif', from.device] : []),
]

/** The route of the node to the endpoint, and when it leads over a VXLAN device, the entries that say to which node. */
export async function routeTo(
  { host, bridge }: TraceOptions,
  place: PodPlace | undefined,
  target: string,
  report: ProbeReport,
): Promise<void> {
  const from = place?.link ? { address: place.address, device: bridge } : undefined
  const args = routeArguments(target, from)
  const { json, evidence } = await shown(host, 'ip', args)
  report.evidence.route = [evidence]
  const route = parseRoute(json)
  if (!route) return
  report.route = route
  if (route.gateway) await overlayTo(host, route.device, route.gateway, report)
}

async function overlayTo(
  host: TraceOptions['host'],
  device: string,
  gateway: string,
  report: ProbeReport,
): Promise<void> {
  const link = parseVxlan((await host.run('ip', ['-j', '-d', 'link', 'show', device])).stdout)
  if (!link) return
  const neighbour = await shown(host, 'ip', ['neigh', 'show', gateway, 'dev', device])
  const forwarding = await shown(host, 'bridge', ['fdb', 'show', 'dev', device])
  const mac = parseNeighbour(neighbour.json)?.mac
  const peer = mac ? peerOf(forwarding.json, mac) : undefined
  const overlay: Overlay = { device, ...link, gateway, ...(mac ? { mac } : {}), ...(peer ? { peer } : {}) }
  report.overlay = overlay
  const entry = {
    ...forwarding.evidence,
    lines: forwarding.evidence.lines.filter((line) => mac && line.startsWith(mac)),
  }
  report.evidence.overlay = [neighbour.evidence, entry]
}

/** The output of a tool, as JSON for us and as lines for people. When the tool refuses, the lines are its refusal. */
export async function shown(
  host: TraceOptions['host'],
  tool: 'ip' | 'bridge',
  args: readonly string[],
): Promise<{ json: string; evidence: { command: string; lines: string[] } }> {
  const command = [tool, ...args].join(' ')
  try {
    const [json, plain] = await Promise.all([host.run(tool, ['-j', ...args]), host.run(tool, args)])
    const lines = plain.stdout.split('\n').map((line) => line.trim())
    return { json: json.stdout, evidence: { command, lines: lines.filter((line) => line !== '') } }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return { json: '[]', evidence: { command, lines: [error.message] } }
  }
}
