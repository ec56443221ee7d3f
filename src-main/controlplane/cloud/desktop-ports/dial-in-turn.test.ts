import { once } from 'node:events'
import { PassThrough, type Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../src-kube/machinery/clock.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import type { NodeConnection } from '../../../../src-wire/node/node-connection.ts'
import { dialInTurn } from './dial-in-turn.ts'

/** Answers a node's dials with what a test says; every dial by its node and address. */
function world(answers: Record<string, () => Promise<Duplex>>) {
  const dialled: string[] = []
  const get = (node: string) => {
    const answer = answers[node]
    if (!answer) throw new Error(`no connection from node "${node}"`)
    const dial = (host: string, port: number) => {
      dialled.push(`${node} ${host}:${port}`)
      return answer()
    }
    return partial<NodeConnection>({ dial })
  }
  const clock = new FakeClock()
  const attempts = ['n1', 'n2', 'n3'].map((node) => ({ node, host: '10.96.0.7', port: 80 }))
  return { dialled, clock, run: (count = 3) => dialInTurn(attempts.slice(0, count), { get }, clock) }
}
const refused = () => Promise.reject(new Error('refused'))

describe('dialling in turn', () => {
  it('takes the first that answers, and asks nobody after it', async () => {
    const stream = new PassThrough()
    const { run, dialled, clock } = world({ n1: () => Promise.resolve(stream), n2: refused })
    expect(await run()).toBe(stream)
    expect(dialled).toEqual(['n1 10.96.0.7:80'])
    expect(clock.pending).toBe(0)
  })

  it('passes over a node that is gone and one that refuses', async () => {
    const stream = new PassThrough()
    const { run, dialled } = world({ n2: refused, n3: () => Promise.resolve(stream) })
    expect(await run()).toBe(stream)
    expect(dialled).toEqual(['n2 10.96.0.7:80', 'n3 10.96.0.7:80'])
  })

  it('does not wait for a node that says nothing, and ends what comes of it late', async () => {
    const late = Promise.withResolvers<Duplex>()
    const [stream, tooLate] = [new PassThrough(), new PassThrough()]
    const { run, clock } = world({ n1: () => late.promise, n2: () => Promise.resolve(stream) })
    const found = run()
    await clock.advance(3000)
    expect(await found).toBe(stream)
    late.resolve(tooLate)
    await once(tooLate, 'close')
    expect(stream.destroyed).toBe(false)
  })

  it('gives the last way its time', async () => {
    const slow = Promise.withResolvers<Duplex>()
    const { run, clock } = world({ n1: () => slow.promise })
    const found = run(1)
    await clock.advance(60_000)
    const stream = new PassThrough()
    slow.resolve(stream)
    expect(await found).toBe(stream)
  })

  it('fails as the last did, and without a node says that there is none', async () => {
    await expect(world({ n1: refused, n2: refused }).run()).rejects.toThrow('no connection from node "n3"')
    await expect(world({}).run(0)).rejects.toThrow('no node is connected')
  })
})
