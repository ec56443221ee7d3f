import { PassThrough, type Duplex, type Readable, Writable } from 'node:stream'
import type Dockerode from 'dockerode'
import type { ExecOptions, ExecSession } from '../../../src-wire/node/pod-streams.ts'
import { exitCodeOf } from '../runtime/exec-exit.ts'
import { firstOutput } from '../runtime/runtime-words.ts'
import { demux } from './demux.ts'

/** Runs a command in a container. */
export async function execSession(docker: Dockerode, id: string, options: ExecOptions): Promise<ExecSession> {
  const exec = await docker.getContainer(id).exec({
    Cmd: options.command,
    AttachStdin: options.stdin,
    AttachStdout: options.stdout,
    AttachStderr: options.stderr && !options.tty,
    Tty: options.tty,
  })
  const stream = await exec.start({ hijack: true, stdin: options.stdin, Tty: options.tty })
  return session(
    stream,
    options,
    () => exitCodeOf(exec),
    (w, h) => exec.resize({ w, h }),
  )
}

/**
 * Joins the streams of a container's first process; undefined when that has ended by the time they are joined: the engine joins what has ended, too, and
 * what was said before would be lost.
 */
export async function attachSession(
  docker: Dockerode,
  id: string,
  options: Omit<ExecOptions, 'command'>,
): Promise<ExecSession | undefined> {
  const container = docker.getContainer(id)
  const { stdin, stdout, stderr } = options
  const stream = (await container.attach({ stream: true, hijack: true, stdin, stdout, stderr })) as Duplex
  const { Config, State } = await container.inspect()
  if (!State.Running) return void stream.destroy()
  const tty = Config.Tty
  const joined = session(
    stream,
    { ...options, tty },
    () => Promise.resolve(0),
    (w, h) => container.resize({ w, h }),
  )
  const endsWithUs = Config.StdinOnce && !tty
  return joined.stdin && !endsWithUs ? { ...joined, stdin: leftOpen(joined.stdin) } : joined
}

/** Input that outlives whoever writes it (`stdinOnce: false`): the engine takes its end for the end of the output, too. */
function leftOpen(stdin: Writable): Writable {
  const open = new Writable({
    write: (chunk: Buffer, _encoding, done) => void stdin.write(chunk, done),
    final: (done) => done(),
  })
  stdin.once('close', () => open.destroy())
  return open
}

function session(
  stream: Duplex,
  options: Omit<ExecOptions, 'command'>,
  exitCode: () => Promise<number>,
  resize: (columns: number, rows: number) => Promise<unknown>,
): ExecSession {
  const stdout = options.stdout ? outputOfCommand() : undefined
  const stderr = options.stderr && !options.tty ? new PassThrough() : undefined
  if (options.tty) pass(stream, stdout)
  else demux(stream, { stdout, stderr })

  const exit = new Promise<void>((resolve) => {
    stream.once('end', resolve)
    stream.once('close', resolve)
  }).then(exitCode)
  // Whoever opened the session may not be listening yet when it fails.
  exit.catch(() => undefined)
  return {
    stdin: options.stdin ? stream : undefined,
    stdout,
    stderr,
    resize: (columns, rows) => void resize(columns, rows).catch(() => undefined),
    exit,
    close: () => void stream.destroy(),
  }
}

/** That a command cannot begin is the first that the engine puts out, as if it were the command's own. */
function outputOfCommand(): PassThrough {
  let isFirst = true
  return new PassThrough({
    transform(chunk: Buffer, _encoding, done) {
      done(null, isFirst ? firstOutput(chunk) : chunk)
      isFirst = false
    },
  })
}

function pass(source: Readable, target: PassThrough | undefined): void {
  source.on('error', () => target?.end())
  source.on('close', () => target?.end())
  if (target) source.pipe(target)
  else source.resume()
}
