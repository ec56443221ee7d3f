import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type Dockerode from 'dockerode'
import { describe, expect, it, vi } from 'vitest'
import { demux } from './demux.ts'
import { containerLog } from './logs.ts'

function frame(type: number, words: string): Buffer {
  const head = Buffer.alloc(8)
  head[0] = type
  head.writeUInt32BE(Buffer.byteLength(words), 4)
  return Buffer.concat([head, Buffer.from(words)])
}

const output = Buffer.concat([frame(1, 'one\n'), frame(2, 'oops\n'), frame(1, 'two\n')])

describe('demux', () => {
  it('takes streams apart wherever the chunks are cut', async () => {
    for (let size = 1; size < output.length; size += 3) {
      const chunks = Array.from({ length: Math.ceil(output.length / size) }, (_, i) =>
        output.subarray(i * size, (i + 1) * size),
      )
      const stdout = new PassThrough()
      const stderr = new PassThrough()
      demux(Readable.from(chunks), { stdout, stderr })
      expect(await Promise.all([text(stdout), text(stderr)])).toEqual(['one\ntwo\n', 'oops\n'])
    }
  })

  it('drops what nobody wants, and ends what it feeds when the source breaks', async () => {
    const source = new PassThrough()
    const stdout = new PassThrough()
    demux(source, { stdout, stderr: undefined })
    source.write(output)
    await vi.waitFor(() => expect(stdout.readableLength).toBe(8))
    source.destroy(new Error('cut'))
    expect(await text(stdout)).toBe('one\ntwo\n')
  })
})

/** An engine whose container has said `source`. */
function engineWith(source: Readable | Error, tty = false) {
  const asked: Array<Record<string, unknown>> = []
  const docker = {
    getContainer: () => ({ inspect: () => Promise.resolve({ Config: { Tty: tty } }) }),
    modem: {
      dial(request: { options: Record<string, unknown> }, done: (error: Error | null, answer?: Readable) => void) {
        asked.push(request.options)
        if (source instanceof Error) done(source)
        else done(null, source)
      },
    },
  } as unknown as Dockerode
  return { docker, asked }
}

const plain = { follow: false, previous: false, timestamps: false }
const now = Date.UTC(2026, 0, 1) + 250
const context = { signal: new AbortController().signal, now }
const written = () => Readable.from([output])

describe('the log of a container', () => {
  it('merges the streams in their order, or is what the terminal showed', async () => {
    expect(await text(await containerLog(engineWith(written()).docker, 'a', plain, context))).toBe('one\noops\ntwo\n')
    const terminal = engineWith(Readable.from([Buffer.from('raw')]), true)
    expect(await text(await containerLog(terminal.docker, 'a', plain, context))).toBe('raw')
  })

  it.each([
    [{}, { follow: false, stdout: true, stderr: true, timestamps: false }],
    [
      { follow: true, timestamps: true },
      { follow: true, timestamps: true },
    ],
    [{ tailLines: 0 }, { tail: 0 }],
    [{ tailLines: 3 }, { tail: 3 }],
    [{ sinceSeconds: 10 }, { since: '1767225590.25' }],
    [{ sinceTime: '2026-01-01T00:00:00Z' }, { since: '1767225600' }],
    [{ sinceTime: '2026-01-01T01:00:00.123456789+01:00' }, { since: '1767225600.123456789' }],
    [{ stream: 'Stdout' }, { stdout: true, stderr: false }],
    [{ stream: 'Stderr' }, { stdout: false, stderr: true }],
  ])('%j asks the engine for %j', async (options, expected) => {
    const { docker, asked } = engineWith(written())
    await text(await containerLog(docker, 'a', { ...plain, ...options }, context))
    expect(asked).toEqual([expect.objectContaining(expected)])
    if (!('since' in expected)) expect(asked[0]).not.toHaveProperty('since')
  })

  it.each([1, 4, 6, 9])('keeps to %i bytes', async (limitBytes) => {
    const source = written()
    const log = await containerLog(engineWith(source).docker, 'a', { ...plain, limitBytes }, context)
    expect(await text(log)).toBe('one\noops\ntwo\n'.slice(0, limitBytes))
    await vi.waitFor(() => expect(source.destroyed).toBe(true))
  })

  it('begins with why the program was refused, in words that are searched for', async () => {
    const said =
      '{"msg":"exec container process `/a`: Exec format error","level":"error","time":"2026-11-22T22:44:12.5Z"}\n'
    const log = (options: object) => {
      const { docker } = engineWith(Readable.from([frame(2, said)]))
      return containerLog(docker, 'a', { ...plain, ...options }, context)
    }
    expect(await text(await log({}))).toBe('exec /a: exec format error\n')
    expect(await text(await log({ limitBytes: 7 }))).toBe('exec /a')
  })

  it('may be shorter than its limit', async () => {
    const log = await containerLog(engineWith(written()).docker, 'a', { ...plain, limitBytes: 99 }, context)
    expect(await text(log)).toBe('one\noops\ntwo\n')
  })

  it('is read no faster than it is taken: a large one is never in memory as a whole', async () => {
    let made = 0
    const part = frame(1, 'x'.repeat(64 * 1024))
    const source = new Readable({
      read() {
        this.push(made++ < 1000 ? part : null)
      },
    })
    const log = await containerLog(engineWith(source).docker, 'a', plain, context)
    log.once('readable', () => undefined)
    await vi.waitFor(() => expect(log.readableLength).toBeGreaterThan(0))
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
    expect(made).toBeLessThan(10)
    expect((await text(log)).length).toBe(1000 * 64 * 1024)
  })

  it('ends when its reader goes, before or after it began', async () => {
    for (const tty of [true, false]) {
      const gone = new AbortController()
      const source = new PassThrough()
      const log = await containerLog(engineWith(source, tty).docker, 'a', plain, { signal: gone.signal, now })
      gone.abort()
      expect(await text(log)).toBe('')
      expect(source.destroyed).toBe(true)
    }
    const late = new PassThrough()
    await containerLog(engineWith(late).docker, 'a', plain, { signal: AbortSignal.abort(), now })
    expect(late.destroyed).toBe(true)
  })

  it('lets go of the engine when it is closed', async () => {
    const source = new PassThrough()
    const log = await containerLog(engineWith(source).docker, 'a', { ...plain, follow: true }, context)
    log.destroy()
    await vi.waitFor(() => expect(source.destroyed).toBe(true))
  })

  it.each([404, 409])('that the engine has no longer, as %i says, is a bad request', async (statusCode) => {
    const missing = engineWith(Object.assign(new Error('no such container'), { statusCode }))
    await expect(containerLog(missing.docker, 'a', plain, context)).rejects.toMatchObject({
      code: 400,
      message: 'unable to retrieve container logs for docker://a',
    })
    await expect(containerLog(engineWith(new Error('away')).docker, 'a', plain, context)).rejects.toThrow('away')
  })
})
