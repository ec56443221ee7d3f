import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dialSocket, type RpcClient } from './client.ts'
import { RpcError } from './codes.ts'
import { message, text } from './message.ts'
import { method } from './method.ts'
import { answering, serveSocket, streaming } from './server.ts'

const Word = message({ word: text(1) })
const echo = method('/test.v1.Test/Echo', Word, Word)
const fail = method('/test.v1.Test/Fail', Word, Word)
const watch = method('/test.v1.Test/Watch', Word, Word)
const hang = method('/test.v1.Test/Hang', Word, Word)
const absent = method('/test.v1.Test/Absent', Word, Word)

describe('gRPC over a socket of the node', () => {
  let directory: string
  let client: RpcClient
  let stop: () => void
  let left: PromiseWithResolvers<void>

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rpc-'))
    left = Promise.withResolvers()
    const server = await serveSocket(join(directory, 's.sock'), [
      answering(echo, ({ word }) => ({ word: word.toUpperCase() })),
      answering(fail, ({ word }) => {
        throw word === 'code' ? new RpcError('FailedPrecondition', 'not yet: 100 %') : new Error('what')
      }),
      answering(hang, () => new Promise<never>(() => undefined)),
      streaming(watch, async ({ word }, send, signal) => {
        send({ word })
        send({ word: `${word}2` })
        if (word === 'ends') return
        if (word === 'breaks') throw new RpcError('Aborted', 'enough')
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        left.resolve()
      }),
    ])
    stop = server.stop
    client = await dialSocket(join(directory, 's.sock'))
  })

  afterEach(async () => {
    client.close()
    stop()
    await rm(directory, { recursive: true })
  })

  it('answers', async () => {
    expect(await client.call(echo, { word: 'ab' }, { timeout: 5000 })).toEqual({ word: 'AB' })
  })

  it('tells failures in the words of Go’s library', async () => {
    const failed = (word: string) =>
      client.call(fail, { word }, { timeout: 5000 }).catch((error: Error) => error.message)
    expect(await failed('code')).toBe('rpc error: code = FailedPrecondition desc = not yet: 100 %')
    expect(await failed('other')).toBe('rpc error: code = Unknown desc = what')
  })

  it('tells of a method that is not there', async () => {
    const error = await client.call(absent, {}, { timeout: 5000 }).catch((found: unknown) => found)
    expect((error as RpcError).is('Unimplemented')).toBe(true)
  })

  it('waits no longer than it is told to', async () => {
    const late = client.call(hang, {}, { timeout: 30 })
    await expect(late).rejects.toThrow('rpc error: code = DeadlineExceeded desc = context deadline exceeded')
  })

  it('hears a stream to its end', async () => {
    const heard: string[] = []
    await client.listen(watch, { word: 'ends' }, ({ word }) => heard.push(word), new AbortController().signal)
    expect(heard).toEqual(['ends', 'ends2'])
  })

  it('tells why a stream broke off', async () => {
    const broken = client.listen(watch, { word: 'breaks' }, () => undefined, new AbortController().signal)
    await expect(broken).rejects.toThrow('rpc error: code = Aborted desc = enough')
  })

  it('lets the other end know that nobody listens any more', async () => {
    const over = new AbortController()
    const stream = client.listen(watch, { word: 'w' }, () => over.abort(), over.signal)
    await expect(stream).rejects.toThrow('Canceled')
    await left.promise
  })

  it('fails at once where nobody listens', async () => {
    const nobody = await dialSocket(join(directory, 'none.sock'))
    const error = await nobody.call(echo, {}, { timeout: 5000 }).catch((found: unknown) => found)
    nobody.close()
    expect((error as RpcError).is('Unavailable')).toBe(true)
  })
})

it('takes the place of a socket that was left there at once: who watches for it never finds one at which nobody listens', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'rpc-'))
  const path = join(directory, 's.sock')
  const before = await serveSocket(path, [])
  const seen = new Set<boolean>()
  let isOver = false
  const look = (): void => {
    seen.add(existsSync(path))
    if (!isOver) setImmediate(look)
  }
  look()
  const after = await serveSocket(path, [])
  isOver = true
  expect([...seen]).toEqual([true])
  expect(readdirSync(directory)).toEqual(['s.sock'])
  after.stop()
  before.stop()
  expect(readdirSync(directory)).toEqual([])
  await rm(directory, { recursive: true })
})
