import { expect, it } from 'vitest'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { nodeSummaries } from './node-summaries.ts'

const summary = (node: string) => ({ node: { cpu: { usageNanoCores: node.length } } })

function arrange(answers: (node: string) => Promise<unknown>) {
  const clock = new FakeClock()
  const asked: string[] = []
  const failures: string[] = []
  const away = new Set(['away'])
  const tunnels = {
    has: (node: string) => !away.has(node),
    get: (node: string) => {
      asked.push(node)
      if (node === 'lost') throw new Error('no connection')
      return { statsSummary: () => answers(node) }
    },
  }
  const log = (message: string): void => void failures.push(message)
  const ask = nodeSummaries({ tunnels: partial(tunnels), clock, log })
  return { clock, asked, failures, away, ask }
}

it('asks each node once in ten seconds, and leaves out those that are away or fail', async () => {
  const { clock, asked, failures, ask } = arrange((node) =>
    node === 'bad' ? Promise.reject(new Error('no')) : Promise.resolve(summary(node)),
  )
  const found = await ask(['n1', 'n1', 'n22', 'away', 'bad', 'lost'])
  expect([...found]).toEqual([
    ['n1', summary('n1')],
    ['n22', summary('n22')],
  ])
  expect(failures).toEqual(['measuring node lost', 'measuring node bad'])
  await clock.advance(9_999)
  await ask(['n1'])
  expect(asked).toEqual(['n1', 'n22', 'bad', 'lost'])
  await clock.advance(1)
  await ask(['n1'])
  expect(asked).toEqual(['n1', 'n22', 'bad', 'lost', 'n1'])
})

it('does without a node that does not answer in five seconds, and takes its answer when it comes', async () => {
  const slow = Promise.withResolvers<unknown>()
  const { clock, asked, ask } = arrange((node) => (node === 'slow' ? slow.promise : Promise.resolve(summary(node))))
  const first = ask(['n1', 'slow'])
  await clock.advance(0)
  await clock.advance(5_000)
  expect([...(await first).keys()]).toEqual(['n1'])
  await clock.advance(20_000)
  const second = ask(['slow'])
  slow.resolve(summary('slow'))
  expect([...(await second).keys()]).toEqual(['slow'])
  expect(asked).toEqual(['n1', 'slow'])
  expect(clock.pending).toBe(0)
})

it('averages rates since the last answer, also when a question failed in between', async () => {
  let answer = 0
  const { clock, ask } = arrange(() => {
    const used = answer++
    if (used === 1) return Promise.reject(new Error('no'))
    const time = new Date(clock.now()).toISOString()
    return Promise.resolve({ node: { cpu: { time, usageNanoCores: 1, usageCoreNanoSeconds: used * 10e9 } } })
  })
  const rate = async () => (await ask(['n1'])).get('n1')?.node?.cpu?.usageNanoCores
  expect(await rate()).toBe(1)
  await clock.advance(10_000)
  expect(await rate()).toBeUndefined()
  await clock.advance(10_000)
  expect(await rate()).toBe(1e9)
})

it('asks again after a minute without an answer', async () => {
  const { clock, asked, ask } = arrange(() => new Promise(() => undefined))
  for (const pause of [5_000, 55_000, 5_000]) {
    const answer = ask(['n1'])
    await clock.advance(pause)
    expect([...(await answer)]).toEqual([])
  }
  expect(asked).toEqual(['n1', 'n1'])
})

it('forgets a node that has left', async () => {
  const { asked, away, ask } = arrange((node) => Promise.resolve(summary(node)))
  await ask(['n1'])
  away.add('n1')
  expect(await ask(['n1'])).toEqual(new Map())
  away.delete('n1')
  await ask(['n1'])
  expect(asked).toEqual(['n1', 'n1'])
})
