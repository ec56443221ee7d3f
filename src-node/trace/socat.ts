import type { Attempt, AttemptOutcome, TraceProtocol } from '../../src-wire/trace/steps.ts'

/** Source ports of probes: above those that the kernel gives away (32768–60999), so that a probe meets nobody's connection. */
const FIRST_PORT = 61_000
const LAST_PORT = 65_535

/** @param random from 0 to 1, exclusive */
export const portFor = (random: number): number => FIRST_PORT + Math.floor(random * (LAST_PORT - FIRST_PORT + 1))

/** The one connection that a trace opens. */
export interface Probe {
  protocol: TraceProtocol
  /** IPv4: the caller has checked it. */
  address: string
  port: number
  sourcePort: number
  /** Milliseconds. */
  timeout: number
}

/** Arguments of `socat` that open one connection from a known port, and tell of it to the microsecond. */
export function socatArguments({ protocol, address, port, sourcePort, timeout }: Probe): string[] {
  const seconds = (timeout / 1000).toFixed(3)
  const target =
    protocol === 'tcp'
      ? `TCP4:${address}:${port},sourceport=${sourcePort},connect-timeout=${seconds}`
      : `UDP4:${address}:${port},sourceport=${sourcePort}`
  return ['-d', '-d', '-lu', '-t', '0.1', '-', target]
}

/** Whether TCP's handshake, or the making of a UDP socket, is over, whatever its end. */
export const isDone = (notes: string): boolean => / E |starting data transfer loop/.test(notes)
export const isTaken = (notes: string): boolean => /Address already in use/.test(notes)

/** @param received bytes that came back */
export function attemptOf(notes: string, { protocol, sourcePort }: Probe, received: number): Attempt {
  const rows = notes.split('\n')
  const began = timeOf(rows.find((row) => row.includes('opening connection to')))
  const stood = rows.find((row) => row.includes('starting data transfer loop'))
  // Since 1.8 a warning names the cause, and the error after it may be another's.
  const failure = rows.find((row) => / [WE] /.test(row))
  const words = failure?.replace(/^.*: /, '') ?? ''
  const outcome = outcomeOf(protocol, stood !== undefined, words, received)
  const ended = timeOf(failure ?? (protocol === 'tcp' ? stood : undefined))
  const known = outcome !== 'timeout' && began !== undefined && ended !== undefined
  return { sourcePort, outcome, words, ...(known ? { ms: (ended - began + DAY) % DAY } : {}) }
}

function outcomeOf(protocol: TraceProtocol, stood: boolean, words: string, received: number): AttemptOutcome {
  if (/refused/i.test(words)) return 'refused'
  if (/unreachable|no route/i.test(words)) return 'unreachable'
  if (/timed out/i.test(words)) return 'timeout'
  if (words !== '' || !stood) return 'failed'
  if (protocol === 'tcp') return 'connected'
  return received > 0 ? 'answered' : 'silent'
}

const DAY = 86_400_000

/** Milliseconds since midnight of `2026/11/21 20:21:36.336260 socat[…] …`. */
function timeOf(row: string | undefined): number | undefined {
  const [, hours, minutes, seconds] = /^\d{4}\/\d\d\/\d\d (\d\d):(\d\d):(\d\d\.\d+) /.exec(row ?? '') ?? []
  return seconds === undefined ? undefined : (Number(hours) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1000
}

/** Lines that tell of the connection. */
export const attemptLines = (notes: string): string[] =>
  notes.split('\n').filter((row) => /opening connection|successfully connected|starting data transfer| [WE] /.test(row))
