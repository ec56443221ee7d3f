import { encode, RECURSION_DESIRED } from 'dns-packet'
import type { Attempt, Evidence } from '../../src-wire/trace/steps.ts'
import { type TraceOptions, within } from './options.ts'
import { attemptLines, attemptOf, isDone, isTaken, portFor, type Probe, socatArguments } from './socat.ts'

/** Milliseconds to wait for an answer to a datagram, or for the message that nobody takes it. */
const UDP_WAIT = 1_000
/** Ports that are tried before it is given up. */
const TRIES = 4

/** A connection that was tried, and the lines that show what became of it. */
export interface Attempted {
  attempt: Attempt
  evidence: Evidence[]
}

/** A source port for a probe of this node. */
const choosePort = ({ random }: TraceOptions): number => portFor(random())

/**
 * Opens the connection, or sends one datagram, and closes it again. Nothing is sent over TCP; a datagram is a question for a name on
 * port 53, else one line.
 * @param begin called before each try with its source port, to listen for it
 */
export async function attempt(
  options: TraceOptions,
  pid: number | undefined,
  wanted: Omit<Probe, 'sourcePort'>,
  begin: (sourcePort: number) => Promise<void>,
): Promise<Attempted> {
  for (let left = TRIES; ; left--) {
    const probe = { ...wanted, sourcePort: choosePort(options) }
    await begin(probe.sourcePort)
    const [command, args] = within(pid, 'socat', socatArguments(probe))
    const { notes, received } = await run(options, command, args, probe)
    if (isTaken(notes) && left > 1) continue
    return {
      attempt: attemptOf(notes, probe, received),
      evidence: [{ command: [command, ...args].join(' '), lines: attemptLines(notes) }],
    }
  }
}

function run(
  { host, clock }: TraceOptions,
  command: string,
  args: string[],
  probe: Probe,
): Promise<{ notes: string; received: number }> {
  const child = host.spawn(command, args)
  return new Promise((resolve) => {
    let notes = ''
    let received = 0
    let isSent = false
    const finish = (): void => {
      timer.cancel()
      child.kill()
      resolve({ notes, received })
    }
    // A little longer than the tool's own patience, so that it can say what happened.
    let timer = clock.after(probe.timeout + 1_000, finish)
    child.once('error', (error) => {
      notes += ` E ${error.message}\n`
      finish()
    })
    child.once('close', finish)
    child.stdin.on('error', () => child.stdin.destroy())
    child.stdout.on('data', (chunk: Buffer) => {
      received += chunk.length
      if (probe.protocol === 'udp') finish()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      notes += chunk.toString('utf8')
      if (isSent || !isDone(notes) || / E /.test(notes)) return
      isSent = true
      if (probe.protocol === 'tcp') return finish()
      timer.cancel()
      timer = clock.after(Math.min(UDP_WAIT, probe.timeout), finish)
      child.stdin.write(datagram(probe.port))
    })
  })
}

/** One that the cluster's own DNS knows without asking others. */
const ANY_NAME = 'kubernetes.default.svc.cluster.local'

const datagram = (port: number): Uint8Array =>
  port === 53
    ? encode({ id: 1, type: 'query', flags: RECURSION_DESIRED, questions: [{ type: 'A', name: ANY_NAME }] })
    : Buffer.from('drydock trace\n')
