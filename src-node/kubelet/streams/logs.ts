import { Transform, type Readable } from 'node:stream'
import type Dockerode from 'dockerode'
import { badRequest } from '../../../src-kube/machinery/errors.ts'
import type { LogOptions } from '../../../src-wire/node/pod-streams.ts'
import { startOfLog } from '../runtime/runtime-words.ts'
import { demux } from './demux.ts'

/**
 * The log of one container, no faster than it is read, so that a log of any size costs a few buffers; the streams of a container
 * without a tty are merged in their order. `now` is in milliseconds since the epoch. Throws 400 in upstream's words when the
 * engine no longer has it.
 */
export async function containerLog(
  docker: Dockerode,
  id: string,
  options: LogOptions,
  context: { signal: AbortSignal; now: number },
): Promise<Readable> {
  const { signal, now } = context
  const { tty, source } = await openLog(docker, id, queryOf(options, now)).catch((error: unknown) => {
    // Gone, or just going.
    if (![404, 409].includes((error as { statusCode?: number }).statusCode ?? 0)) throw error
    throw badRequest(`unable to retrieve container logs for docker://${id}`)
  })
  const log = limited(options.limitBytes ?? Infinity, source)
  const stop = () => source.destroy()
  signal.addEventListener('abort', stop, { once: true })
  log.once('close', () => {
    signal.removeEventListener('abort', stop)
    stop()
  })
  if (signal.aborted) stop()
  if (tty) {
    source.on('error', () => log.end()).on('close', () => log.end())
    source.pipe(log)
  } else {
    demux(source, { stdout: log, stderr: log })
  }
  return log
}

/** The engine's own words for what the API asks. */
function queryOf(options: LogOptions, now: number): Record<string, string | number | boolean> {
  const since = sinceOf(options, now)
  return {
    follow: options.follow,
    stdout: options.stream !== 'Stderr',
    stderr: options.stream !== 'Stdout',
    timestamps: options.timestamps,
    ...(options.tailLines === undefined ? {} : { tail: options.tailLines }),
    ...(since === undefined ? {} : { since }),
  }
}

/** The client library reads a log that is not followed into memory as a whole: the engine is asked past it. */
async function openLog(
  docker: Dockerode,
  id: string,
  options: Record<string, string | number | boolean>,
): Promise<{ tty: boolean; source: Readable }> {
  const { Config } = await docker.getContainer(id).inspect()
  const request = {
    path: `/containers/${id}/logs?`,
    method: 'GET',
    isStream: true,
    statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
    options,
  }
  const modem = docker.modem as { dial(request: object, done: (error: Error | null, source: Readable) => void): void }
  const source = await new Promise<Readable>((resolve, reject) =>
    modem.dial(request, (error, answer) => (error ? reject(error) : resolve(answer))),
  )
  return { tty: Config.Tty, source }
}

/** Seconds since the epoch with their fraction, as exactly as they were given. */
function sinceOf({ sinceSeconds, sinceTime }: LogOptions, now: number): string | undefined {
  if (sinceSeconds !== undefined) return String(now / 1000 - sinceSeconds)
  const time = Date.parse(sinceTime ?? '')
  if (Number.isNaN(time)) return undefined
  const fraction = /T[\d:]+(\.\d+)/.exec(sinceTime!)?.[1] ?? ''
  return `${Math.floor(time / 1000)}${fraction}`
}

/** Passes on so many bytes, the first in the words of {@link startOfLog}, then ends and lets go of the source. */
function limited(limit: number, source: Readable): Transform {
  let left = limit
  let isFirst = true
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const part = (isFirst ? startOfLog(chunk) : chunk).subarray(0, left)
      isFirst = false
      const last = left > 0 && part.length >= left
      left -= part.length
      if (part.length > 0) this.push(part)
      if (last) {
        this.push(null)
        source.destroy()
      }
      done()
    },
  })
}
