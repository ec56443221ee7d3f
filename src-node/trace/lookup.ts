import { decode, encode, RECURSION_DESIRED, type Packet } from 'dns-packet'
import type { Evidence, NameQuery, NameReport } from '../../src-wire/trace/steps.ts'
import { candidates, isAddress, parseResolver, queryLine } from './names.ts'
import { type PodPlace, type TraceOptions, within } from './options.ts'

/** Milliseconds to wait for a name server. */
const PATIENCE = 2_000

/**
 * Looks a name up as the pod's own resolver does: its server, its search list, one name after the other until one has an address. The
 * questions are sent from the pod's network, so what its packets meet they meet too.
 */
export async function lookUp(
  options: TraceOptions,
  place: PodPlace | undefined,
  host: string,
): Promise<{ report: NameReport; evidence: Evidence[] }> {
  const path = place?.resolver ?? '/etc/resolv.conf'
  const text = await options.host.readFile(path)
  const { server = '', search, ndots } = parseResolver(text)
  const report: NameReport = { server, search, ndots, queries: [] }
  for (const name of server ? candidates(host.toLowerCase(), { search, ndots }) : []) {
    const query = await ask(options, place?.pid, server, name)
    report.queries.push(query)
    if (query.result === 'found') report.address = query.addresses[0]!
    // A server that is silent, or has failed, says nothing of other names either.
    if (query.result === 'found' || query.result === 'silent') break
  }
  const evidence = [
    { command: 'cat /etc/resolv.conf', lines: text.split('\n').filter((line) => line.trim() !== '') },
    {
      command: `DNS queries to ${server}:53 from ${place ? `${place.namespace}/${place.pod}` : options.nodeName}`,
      lines: report.queries.map(queryLine),
    },
  ]
  return { report, evidence }
}

async function ask(options: TraceOptions, pid: number | undefined, server: string, name: string): Promise<NameQuery> {
  const id = Math.floor(options.random() * 65_536)
  const question = encode({ id, type: 'query', flags: RECURSION_DESIRED, questions: [{ type: 'A', name }] })
  const answer = isAddress(server) ? await exchange(options, pid, server, question) : undefined
  const told = answer && read(answer.bytes)
  if (!told) return { name, result: 'silent', addresses: [], aliases: [] }
  const records = told.answers ?? []
  const of = (type: string): string[] => records.flatMap((one) => (one.type === type ? [String(one.data)] : []))
  const addresses = of('A')
  const result = addresses.length > 0 ? 'found' : resultOf(told)
  return { name, result, addresses, aliases: of('CNAME'), ms: answer.ms }
}

function resultOf({ rcode }: Packet): NameQuery['result'] {
  if (rcode === 'NXDOMAIN') return 'no-name'
  return rcode === undefined || rcode === 'NOERROR' ? 'no-data' : 'failed'
}

/** One datagram there and one back, and the milliseconds between; undefined when none came. */
function exchange(
  { host, clock }: TraceOptions,
  pid: number | undefined,
  server: string,
  question: Uint8Array,
): Promise<{ bytes: Buffer; ms: number } | undefined> {
  const child = host.spawn(...within(pid, 'socat', ['-d', '-d', '-', `UDP4:${server}:53`]))
  return new Promise((resolve) => {
    let sent: number | undefined
    const finish = (bytes?: Buffer): void => {
      timer.cancel()
      child.kill()
      resolve(bytes && sent !== undefined ? { bytes, ms: clock.monotonic() - sent } : undefined)
    }
    const timer = clock.after(PATIENCE, finish)
    child.once('error', () => finish())
    child.once('close', () => finish())
    child.stdin.on('error', () => child.stdin.destroy())
    child.stderr.on('data', (notes: Buffer) => {
      // Its socket is there: the time of the program's own start does not count. It stays open, for its end would end the wait.
      if (sent !== undefined || !notes.includes('starting data transfer loop')) return
      sent = clock.monotonic()
      child.stdin.write(question)
    })
    child.stdout.once('data', finish)
  })
}

function read(bytes: Buffer): Packet | undefined {
  try {
    return decode(bytes)
  } catch (error) {
    if (error instanceof Error) return undefined
    throw error
  }
}
