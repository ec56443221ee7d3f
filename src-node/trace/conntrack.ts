import type { Flow, FlowTrack, TraceProtocol, Tuple } from '../../src-wire/trace/steps.ts'

/** One line of the kernel's table, or of what it tells of changes. */
export interface FlowLine {
  line: string
  flow: Flow
  /** Of a change alone. */
  event?: 'NEW' | 'UPDATE' | 'DESTROY'
  /** Milliseconds since the epoch; of a change alone. */
  at?: number
}

const EVENT = /^(?:\[(\d+\.\d+)\])?\s*(?:\[(NEW|UPDATE|DESTROY)\]\s+)?(tcp|udp)\s/

/** A line of `conntrack -L`, or of `conntrack -E -o timestamp`; undefined for what is none (other protocols, its own notes). */
export function parseFlow(text: string): FlowLine | undefined {
  const line = text.trim()
  const match = EVENT.exec(line)
  if (!match) return undefined
  const [head, time, event, protocol] = match
  const words = line.slice(head.length).trim().split(/\s+/)
  const [original, reply] = tuplesIn(words)
  if (!original || !reply) return undefined
  // The protocol's number, the seconds left, and of TCP the state; the end of an entry may be told without them.
  const state = protocol === 'tcp' ? (words.slice(0, 3).find((word) => /^[A-Z_\d]*[A-Z]$/.test(word)) ?? '') : ''
  const flow: Flow = {
    protocol: protocol as TraceProtocol,
    state,
    unreplied: words.includes('[UNREPLIED]'),
    original,
    reply,
  }
  return {
    line,
    flow,
    ...(event ? { event: event as 'NEW' | 'UPDATE' | 'DESTROY' } : {}),
    ...(time ? { at: Number(time) * 1000 } : {}),
  }
}

function tuplesIn(words: readonly string[]): Tuple[] {
  const tuples: Tuple[] = []
  let fields = new Map<string, string>()
  for (const word of words) {
    const at = word.indexOf('=')
    if (at > 0) fields.set(word.slice(0, at), word.slice(at + 1))
    if (!word.startsWith('dport=')) continue
    tuples.push({
      source: fields.get('src') ?? '',
      sourcePort: Number(fields.get('sport')),
      target: fields.get('dst') ?? '',
      targetPort: Number(word.slice('dport='.length)),
    })
    fields = new Map()
  }
  return tuples
}

export const parseFlows = (output: string): FlowLine[] => output.split('\n').flatMap((line) => parseFlow(line) ?? [])

/**
 * Lines about one connection, in order, as its story; undefined without any. A reset that answers the first packet ends the
 * entry at once, so its only trace is the entry's end in state `CLOSE`.
 */
export function trackOf(lines: readonly FlowLine[]): FlowTrack | undefined {
  const last = lines.at(-1)
  if (!last) return undefined
  const first = lines.find(({ event }) => event === 'NEW')
  const reset = lines.some(({ event, flow }) => event === 'DESTROY' && flow.state === 'CLOSE' && flow.unreplied)
  const answer = lines.find(({ event, flow }) => (event !== 'NEW' && !flow.unreplied) || (reset && event === 'DESTROY'))
  // How far it came says more than how it was closed.
  const told =
    lines.find(({ flow }) => flow.state === 'ESTABLISHED') ?? lines.findLast(({ event }) => event !== 'DESTROY') ?? last
  return {
    ...told.flow,
    state: reset ? 'CLOSE' : told.flow.state,
    reset,
    ...(first?.at === undefined ? {} : { began: first.at }),
    ...(answer?.at === undefined ? {} : { answered: answer.at }),
  }
}

const isSame = (a: Tuple, b: Tuple): boolean =>
  a.source === b.source && a.sourcePort === b.sourcePort && a.target === b.target && a.targetPort === b.targetPort

/** A packet that is answered so. */
const sentFor = ({ source, sourcePort, target, targetPort }: Tuple): Tuple => ({
  source: target,
  sourcePort: targetPort,
  target: source,
  targetPort: sourcePort,
})

/**
 * Lines of the connection whose answers look so when they come in: on the source's own node they are the same, and another node that replaces
 * addresses in its turn (a node port) knows it by what was sent.
 */
export function linesAnswered(lines: readonly FlowLine[], reply: Tuple): FlowLine[] {
  const sent = sentFor(reply)
  return lines.filter(({ flow }) => isSame(flow.reply, reply) || isSame(flow.original, sent))
}

/** Arguments of `conntrack` for what one source port begins. */
export const fromPort = (protocol: TraceProtocol, port: number): string[] => [
  '-p',
  protocol,
  '--orig-port-src',
  String(port),
]

/** Arguments of `conntrack` for connections that may be the one whose answers look so: those of its two ends' addresses. */
export const between = (protocol: TraceProtocol, { source, target }: Tuple): string[][] => [
  ['-p', protocol, '--reply-src', source, '--reply-dst', target],
  ['-p', protocol, '--orig-src', target, '--orig-dst', source],
]
