import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { Duplex } from 'node:stream'
import { StatusError } from '../../../src-kube/machinery/errors.ts'

/** Starts a program with pipes for all three streams. */
export type Spawn = (command: string, args: readonly string[]) => ChildProcessWithoutNullStreams

/** After the client has ended its direction, how long the pod may still answer. */
const HALF_CLOSED_SECONDS = 86_400
/** Milliseconds that the client may still send once the pod has closed its side. */
const LAST_WORDS = 500
/** socat's own notes: that both ends are open, and that the pod has closed its own, which socat does not tell its output of. */
const [OPEN, CLOSED] = [/starting data transfer loop/, /socket 2 \(fd \d+\) is at EOF/]

/** A connection to a port of the pod's own loopback, from inside its network namespace, which the process is in. */
export function dialInNamespace(spawn: Spawn, pod: string, pid: number, port: number): Promise<Duplex> {
  const target = `TCP4:127.0.0.1:${port}`
  const child = spawn('nsenter', [
    '-t',
    String(pid),
    '-n',
    'socat',
    '-d',
    '-d',
    '-t',
    String(HALF_CLOSED_SECONDS),
    '-',
    target,
  ])
  return new Promise((resolve, reject) => {
    let notes = ''
    const fail = (why: string) =>
      reject(new StatusError(500, 'InternalError', `error forwarding port ${port} to pod ${pod}, uid : ${why}`))
    child.once('error', (error) => fail(error.message))
    child.stdin.on('error', () => undefined)
    // Not at its exit: its last words may still be on the way.
    child.once('close', () => fail(failure(port, notes)))
    child.stderr.on('data', (chunk: Buffer) => {
      notes = (notes + chunk.toString()).slice(-4096)
      if (OPEN.test(notes)) resolve(connection(child))
      if (CLOSED.test(notes)) setTimeout(() => child.stdin.end(), LAST_WORDS).unref()
    })
  })
}

function connection(child: ChildProcessWithoutNullStreams): Duplex {
  const duplex = Duplex.from({ readable: child.stdout, writable: child.stdin })
  const stop = () => void child.kill()
  duplex.once('close', stop)
  duplex.on('error', stop)
  return duplex
}

function failure(port: number, notes: string): string {
  if (/connection refused/i.test(notes)) {
    return `failed to connect to localhost:${port} inside namespace: dial tcp4 127.0.0.1:${port}: connect: connection refused`
  }
  const last = notes.trim().split('\n').at(-1) ?? ''
  return last || 'the connection ended'
}
