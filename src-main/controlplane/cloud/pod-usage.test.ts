import { expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { podUsage } from './pod-usage.ts'

const pod = (nodeName: string | undefined) => ({ metadata: { uid: 'u' }, spec: { nodeName } }) as Pod
const measured = { name: 'c', cpu: { usageNanoCores: 250_000_000 }, memory: { workingSetBytes: 2048 } }

it('tells what the containers of pods use, by what their nodes tell', async () => {
  const asked: string[] = []
  const usage = podUsage((nodes) => {
    asked.push(...nodes)
    const pods = [{ podRef: { uid: 'a' }, containers: [measured, { name: 'd' }] }, { podRef: { uid: 'b' } }]
    return Promise.resolve(
      new Map([
        ['n1', { pods }],
        ['n2', {}],
      ]),
    )
  })
  const found = await usage([pod('n1'), pod('n2'), pod(undefined)])
  expect(asked).toEqual(['n1', 'n2'])
  expect([...found.keys()]).toEqual(['a', 'b'])
  expect(found.get('a')?.get('c')).toEqual({ cpu: 250, memory: 2_048_000 })
  expect(found.get('a')?.get('d')).toEqual({ cpu: 0, memory: 0 })
})
