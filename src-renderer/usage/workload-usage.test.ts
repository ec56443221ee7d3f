import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { clusterKey, type ClusterContext } from '../api/context.ts'
import { createTranslations } from '../i18n/index.ts'
import WorkloadUsage from './WorkloadUsage.vue'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const pod = (name: string): KubeObject => {
  const resources = { requests: { cpu: '100m' } }
  const spec = { containers: [{ name: 'main', resources }] }
  return partial({ metadata: { namespace: 'shop', name }, spec, status: { phase: 'Running' } })
}
const figures = (cpus: Record<string, string>) => ({
  items: Object.entries(cpus).map(([name, cpu]) => ({
    metadata: { namespace: 'shop', name },
    containers: [{ name: 'main', usage: { cpu, memory: '1Mi' } }],
  })),
})

/** The section, with what the metrics API answers now. */
function show(cluster: string, pods: KubeObject[], first?: object) {
  let answer = first
  const get = () => (answer ? Promise.resolve(answer) : Promise.reject(new Error('not found')))
  const context = partial<ClusterContext>({ id: cluster, kube: { cluster, get } })
  const page = mount(WorkloadUsage, {
    props: { pods },
    global: {
      plugins: [createPinia(), createTranslations({ language: 'en' })],
      provide: { [clusterKey as symbol]: context },
    },
  })
  return { page, answer: (next: object) => (answer = next) }
}
const captions = (page: ReturnType<typeof show>['page']) => page.findAll('figcaption').map((one) => one.text())

it('adds up what all pods use, with what they ask for together, and counts those that have gone as long as they ran', async () => {
  const { page, answer } = show('sums', [pod('a'), pod('b')], figures({ a: '100m', b: '50m' }))
  expect(page.text()).toBe('')
  await vi.advanceTimersByTimeAsync(0)
  expect(page.text()).toContain('2 pods together')
  expect(captions(page)).toEqual([
    expect.stringMatching(/^CPU\s*150m\s*requested 200m$/),
    expect.stringMatching(/2 MiB$/),
  ])
  answer(figures({ a: '20m' }))
  await page.setProps({ pods: [pod('a')] })
  await vi.advanceTimersByTimeAsync(10_000)
  expect(captions(page)[0]).toMatch(/^CPU\s*20m\s*requested 100m$/)
  expect(page.get('svg').attributes('aria-label')).toBe('CPU: 20m now, 150m at most in the last minutes')
  page.unmount()
})

it('says of how many pods it is the sum, and why there are no figures', async () => {
  const some = show('part', [pod('a'), pod('new')], figures({ a: '100m' }))
  await vi.advanceTimersByTimeAsync(0)
  expect(some.page.text()).toContain('1 of 2 running pods together; the others are not measured yet')
  some.page.unmount()
  const early = show('early', [pod('new')], figures({ other: '1' }))
  await vi.advanceTimersByTimeAsync(0)
  expect(early.page.text()).toContain('not measured yet')
  early.page.unmount()
  const never = show('never', [pod('a')])
  await vi.advanceTimersByTimeAsync(0)
  expect(never.page.text()).toContain('This cluster measures no usage')
  expect(never.page.findAll('svg')).toHaveLength(0)
  never.page.unmount()
  const ended = show('ended', [{ ...pod('a'), status: { phase: 'Succeeded' } } as KubeObject])
  await vi.advanceTimersByTimeAsync(0)
  expect(ended.page.text()).toBe('')
  ended.page.unmount()
})
