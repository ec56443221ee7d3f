import type { Readable, Writable } from 'node:stream'
import type { ExecSession } from '../node/pod-streams.ts'
import type { CommandChannels } from './channels.ts'
import { exitStatus, failureStatus } from './exit-status.ts'

/** How long output may lag behind the exit of the command: a child that kept the pipe open must not hold the session. */
const DRAIN_TIMEOUT = 10_000

/**
 * Joins a client's channels to a running command until it exits, then reports how it ended. A failed start is reported on
 * the error channel too, since the connection is already upgraded. Never rejects.
 */
export async function runCommand(channels: CommandChannels, start: () => Promise<ExecSession>): Promise<void> {
  try {
    const session = await start()
    if (channels.closed.aborted) return session.close()
    channels.closed.addEventListener('abort', () => session.close(), { once: true })
    channels.onResize((columns, rows) => session.resize(columns, rows))
    join(channels.stdin, session.stdin)
    const outputs = [drained(session.stdout, channels.stdout), drained(session.stderr, channels.stderr)]
    const code = await session.exit
    await withTimeout(Promise.all(outputs), DRAIN_TIMEOUT)
    await channels.finish(exitStatus(code))
  } catch (error) {
    if (!channels.closed.aborted) await channels.finish(failureStatus(error))
  }
}

/** Copies input; a command that closed its input just loses the rest. */
function join(from: Readable | undefined, to: Writable | undefined): void {
  if (!from) return
  if (!to) {
    from.resume()
    return
  }
  to.on('error', () => from.resume())
  from.on('error', () => to.end())
  from.pipe(to)
}

/** Copies output, ends it, and resolves when its last byte has been taken: only then may the status follow. */
function drained(from: Readable | undefined, to: Writable | undefined): Promise<void> {
  if (!from) return Promise.resolve()
  if (!to) {
    from.resume()
    return Promise.resolve()
  }
  from.pipe(to)
  from.once('error', () => to.end())
  return new Promise((resolve) => {
    to.once('finish', resolve)
    to.once('close', resolve)
  })
}

async function withTimeout(promise: Promise<unknown>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds)
  })
  await Promise.race([promise, late])
  clearTimeout(timer)
}
