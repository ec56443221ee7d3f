import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type Dockerode from 'dockerode'
import { describe, expect, it } from 'vitest'
import { demux } from './demux.ts'
import { createStreams, type FoundContainer } from './index.ts'

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
})

describe('logs', () => {
  const asked: unknown[] = []
  const container = {
    inspect: () => Promise.resolve({ Config: { Tty: false } }),
    logs: (options: unknown) => {
      asked.push(options)
      return Promise.resolve(output)
    },
  }
  const docker = { getContainer: () => container } as unknown as Dockerode
  const target = { namespace: 'default', pod: 'p', container: 'c' }
  const plain = { follow: false, previous: false, timestamps: false }
  const signal = new AbortController().signal
  const streams = (found: FoundContainer | undefined) =>
    createStreams({
      docker,
      nodeName: 'n1',
      find: () => Promise.resolve(found),
      sandboxPid: () => Promise.resolve(undefined),
      spawn: () => {
        throw new Error('nothing to spawn')
      },
    })
  const running = streams({ id: 'a', state: 'running' })

  it('merges the streams and keeps to the limit', async () => {
    expect(await text(await running.logs(target, { ...plain, tailLines: 3 }, signal))).toBe('one\noops\ntwo\n')
    expect(asked.at(-1)).toEqual({ stdout: true, stderr: true, timestamps: false, tail: 3, follow: false })
    expect(await text(await running.logs(target, { ...plain, limitBytes: 6 }, signal))).toBe('one\noo')
  })

  it('says why there is none', async () => {
    const why = async (found: FoundContainer | undefined, options = plain) =>
      streams(found)
        .logs(target, options, signal)
        .then(String, (error: Error) => error.message)
    expect(await why(undefined)).toBe('pods "p" not found')
    expect(await why({ id: '', state: 'waiting', reason: 'ErrImagePull' })).toBe(
      'container "c" in pod "p" is waiting to start: trying and failing to pull image',
    )
    expect(await why({ id: 'a', state: 'running' }, { ...plain, previous: true })).toBe(
      'previous terminated container "c" in pod "p" not found',
    )
  })
})
