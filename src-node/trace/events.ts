import { type FlowLine, parseFlow } from './conntrack.ts'
import { type TraceOptions, until } from './options.ts'

/** What the kernel tells of connections while it is listened to. */
export interface FlowEvents {
  readonly command: string
  lines(): FlowLine[]
  stop(): void
}

/** Lines that are kept at most: a busy node tells of thousands. */
const MOST = 2_000
/** Milliseconds that the tool may take to begin listening. */
const START = 1_000

/** Sockets of netfilter's netlink family that are subscribed to something (netlink(7), `/proc/net/netlink`). */
const subscribed = (text: string): number =>
  text.split('\n').filter((row) => {
    const [, family, , groups] = row.trim().split(/\s+/)
    return family === '12' && groups !== undefined && Number.parseInt(groups, 16) !== 0
  }).length

/**
 * Listens to what the node's kernel tells of connections: a reset ends an entry at once, so that its table never shows a refused one.
 * Resolves once the tool has subscribed, which it does not say; the list of the kernel's sockets does.
 * @param keep whether a line matters
 */
export async function listenToFlows(
  { host, clock }: Pick<TraceOptions, 'host' | 'clock'>,
  filter: readonly string[],
  keep: (line: FlowLine) => boolean,
): Promise<FlowEvents> {
  const args = ['-E', '-o', 'timestamp', ...filter]
  const before = subscribed(await host.readFile('/proc/net/netlink'))
  const child = host.spawn('conntrack', args)
  const lines: FlowLine[] = []
  let rest = ''
  let hasEnded = false
  child.once('error', () => (hasEnded = true))
  child.once('close', () => (hasEnded = true))
  child.stdin.on('error', () => child.stdin.destroy())
  child.stderr.resume()
  child.stdout.on('data', (chunk: Buffer) => {
    const rows = (rest + chunk.toString('utf8')).split('\n')
    rest = rows.pop() ?? ''
    for (const row of rows) {
      const line = parseFlow(row)
      if (line && lines.length < MOST && keep(line)) lines.push(line)
    }
  })
  try {
    await until(clock, START, async () => hasEnded || subscribed(await host.readFile('/proc/net/netlink')) > before)
  } catch (error) {
    child.kill()
    throw error
  }
  return { command: ['conntrack', ...args].join(' '), lines: () => [...lines], stop: () => void child.kill() }
}
