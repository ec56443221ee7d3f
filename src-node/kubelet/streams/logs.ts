import { PassThrough, Readable, Transform } from 'node:stream'
import type Dockerode from 'dockerode'
import type { LogOptions } from '../../../src-wire/node/pod-streams.ts'
import { demux } from './demux.ts'

/** The log of one container; the streams of a container without a tty are merged in their order. */
export async function containerLog(
  docker: Dockerode,
  id: string,
  options: LogOptions,
  signal: AbortSignal,
): Promise<Readable> {
  const container = docker.getContainer(id)
  const { Config } = await container.inspect()
  const since = sinceOf(options)
  const asked = {
    stdout: options.stream !== 'Stderr',
    stderr: options.stream !== 'Stdout',
    timestamps: options.timestamps,
    ...(options.tailLines === undefined ? {} : { tail: options.tailLines }),
    ...(since === undefined ? {} : { since }),
  }
  const source = options.follow
    ? ((await container.logs({ ...asked, follow: true })) as Readable)
    : Readable.from([await container.logs({ ...asked, follow: false })].filter((all) => all.length > 0))

  const log = options.limitBytes === undefined ? new PassThrough() : limited(options.limitBytes, source)
  const stop = () => source.destroy()
  signal.addEventListener('abort', stop, { once: true })
  log.once('close', () => {
    signal.removeEventListener('abort', stop)
    stop()
  })
  if (signal.aborted) stop()
  if (Config.Tty) {
    source.on('error', () => log.end()).on('close', () => log.end())
    source.pipe(log)
  } else {
    demux(source, { stdout: log, stderr: log })
  }
  return log
}

/** Seconds since the epoch, with fractions. */
function sinceOf({ sinceSeconds, sinceTime }: LogOptions): number | undefined {
  if (sinceSeconds !== undefined) return Math.floor(Date.now() / 1000) - sinceSeconds
  const time = sinceTime === undefined ? Number.NaN : Date.parse(sinceTime)
  return Number.isNaN(time) ? undefined : time / 1000
}

/** Passes on so many bytes, then ends and lets go of the source. */
function limited(limit: number, source: Readable): Transform {
  let left = limit
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const part = chunk.subarray(0, left)
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
