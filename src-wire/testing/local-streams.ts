import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { PassThrough, Readable, type Duplex } from 'node:stream'
import { badRequest, notFound } from '../../src-kube/machinery/errors.ts'
import type { ExecOptions, ExecSession, NodeServices, PodStreams } from '../node/pod-streams.ts'

/** A node without containers: commands run as local processes (a tty through `script`), ports are loopback's. */
export function localStreams(overrides: Partial<PodStreams & NodeServices> = {}): PodStreams & NodeServices {
  return {
    logs: (target, options, signal) => {
      if (target.pod === 'missing') return Promise.reject(notFound({ group: '', resource: 'pods' }, target.pod))
      const log = new PassThrough()
      log.write('one\ntwo\n')
      if (!options.follow) log.end()
      else {
        const timer = setInterval(() => log.write('more\n'), 50)
        const stop = () => {
          clearInterval(timer)
          log.end()
        }
        signal.addEventListener('abort', stop, { once: true })
        log.once('close', stop)
      }
      return Promise.resolve(log)
    },
    exec: (_target, options) => run(options),
    attach: (_target, options) => run({ ...options, command: ['cat'] }),
    portForward: (_pod, port) => dial('127.0.0.1', port),
    loadImage: async (archive) => {
      let bytes = 0
      for await (const chunk of archive) bytes += (chunk as Buffer).length
      return [`loaded:${bytes}`]
    },
    removeVolume: (name) =>
      name === 'pvc-1' ? Promise.resolve() : Promise.reject(badRequest(`"${name}" is not a provisioned volume`)),
    dial,
    statsSummary: () => Promise.resolve({ node: { nodeName: 'n1' }, pods: [] }),
    ...overrides,
  }
}

function dial(host: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host)
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
}

function run(options: ExecOptions): Promise<ExecSession> {
  const quoted = options.command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  const [file, ...words] = options.tty ? ['script', '-qefc', quoted, '/dev/null'] : options.command
  const child = spawn(file!, words, { stdio: 'pipe' })
  if (!options.stdin) child.stdin.end()
  const exit = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? (signal ? 137 : 0)))
  })
  return Promise.resolve({
    stdin: options.stdin ? child.stdin : undefined,
    stdout: options.stdout ? child.stdout : undefined,
    stderr: options.stderr && !options.tty ? child.stderr : undefined,
    resize: () => undefined,
    exit,
    close: () => void child.kill('SIGKILL'),
  })
}

/** `length` pseudo-random bytes, streamed; the same every time. */
export function noise(length: number): Readable {
  const block = Buffer.alloc(64 * 1024)
  for (let i = 0, x = 1; i < block.length; i++) block[i] = (x = (x * 1103515245 + 12345) & 0x7fffffff) >> 16
  let left = length
  return new Readable({
    read() {
      const size = Math.min(left, block.length)
      left -= size
      this.push(size > 0 ? block.subarray(0, size) : null)
    },
  })
}
