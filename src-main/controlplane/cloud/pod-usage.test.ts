import { expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { podUsage } from './pod-usage.ts'

const pod = (uid: string, nodeName: string | undefined) => ({ metadata: { uid }, spec: { nodeName } }) as unknown as Pod
const summary = (uid: string, nanoCores: number) => ({
  pods: [
    {
      podRef: { uid },
      containers: [{ name: 'c', cpu: { usageNanoCores: nanoCores }, memory: { workingSetBytes: 2048 } }, { name: 'd' }],
    },
  ],
})

it('asks each node of the pods once in ten seconds, and leaves out those that are away or fail', async () => {
  const clock = new FakeClock()
  const asked: string[] = []
  const failures: string[] = []
  const tunnels = {
    has: (node: string) => node !== 'away',
    get: (node: string) => ({
      statsSummary() {
        asked.push(node)
        return node === 'bad' ? Promise.reject(new Error('no')) : Promise.resolve(summary(`on-${node}`, 250_000_000))
      },
    }),
  }
  const usage = podUsage(tunnels as never, clock, (message) => void failures.push(message))
  const pods = [pod('a', 'n1'), pod('b', 'n1'), pod('c', 'n2'), pod('d', 'away'), pod('e', 'bad'), pod('f', undefined)]
  const found = await usage(pods)
  expect([...found.keys()]).toEqual(['on-n1', 'on-n2'])
  expect(found.get('on-n1')?.get('c')).toEqual({ cpu: 250, memory: 2_048_000 })
  expect(found.get('on-n1')?.get('d')).toEqual({ cpu: 0, memory: 0 })
  expect(failures).toEqual(['measuring pods of node bad'])
  await clock.advance(9000)
  await usage([pod('a', 'n1')])
  expect(asked).toEqual(['n1', 'n2', 'bad'])
  await clock.advance(1000)
  await usage([pod('a', 'n1')])
  expect(asked).toEqual(['n1', 'n2', 'bad', 'n1'])
})

it('forgets a node that has left', async () => {
  let here = true
  let asked = 0
  const statsSummary = () => Promise.resolve((asked++, {}))
  const tunnels = { has: () => here, get: () => ({ statsSummary }) }
  const usage = podUsage(tunnels as never, new FakeClock(), () => undefined)
  await usage([pod('a', 'n1')])
  here = false
  expect(await usage([pod('a', 'n1')])).toEqual(new Map())
  here = true
  await usage([pod('a', 'n1')])
  expect(asked).toBe(2)
})
