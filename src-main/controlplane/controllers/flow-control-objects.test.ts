import { afterEach, beforeEach, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { flowControlObjectControllers } from './flow-control-objects.ts'
import { harness } from './testing/harness.ts'

const AUTOUPDATE = 'apf.kubernetes.io/autoupdate-spec'

let h = harness([])
beforeEach(async () => {
  h = harness(flowControlObjectControllers())
  await h.start()
})
afterEach(() => h.finish())

const level = (name: string) => h.server.peek(refs.priorityLevels, name)
const shares = (name: string): number | undefined => level(name)?.spec?.limited?.nominalConcurrencyShares

async function put(name: string, annotations: Record<string, string>, generation: number, spec: object): Promise<void> {
  h.server.put(refs.priorityLevels, { metadata: { name, annotations, generation }, spec })
  await h.settle()
}

it('what is missing is created, and comes back when it is deleted', async () => {
  expect(h.server.all(refs.flowSchemas)).toHaveLength(13)
  expect(h.server.all(refs.priorityLevels)).toHaveLength(8)
  await h.client.resource(refs.priorityLevels).delete('workload-low', '')
  await h.settle()
  expect(shares('workload-low')).toBe(100)
})

it('a suggested spec is set right unless its annotation says that people keep it', async () => {
  const changed = { type: 'Limited', limited: { nominalConcurrencyShares: 7 } }
  await put('workload-low', { [AUTOUPDATE]: 'true' }, 2, changed)
  expect(shares('workload-low')).toBe(100)
  await put('workload-low', { [AUTOUPDATE]: 'false' }, 2, changed)
  expect(shares('workload-low')).toBe(7)
})

it('without the annotation a changed spec stays, and the annotation says so', async () => {
  const changed = { type: 'Limited', limited: { nominalConcurrencyShares: 7 } }
  await put('workload-low', {}, 2, changed)
  expect(shares('workload-low')).toBe(7)
  expect(level('workload-low')?.metadata.annotations?.[AUTOUPDATE]).toBe('false')
  await put('workload-low', {}, 1, changed)
  expect(shares('workload-low')).toBe(100)
})

it('a mandatory spec is always set right, but for the share of the exempt level', async () => {
  await put('catch-all', { [AUTOUPDATE]: 'false' }, 2, { type: 'Limited', limited: { nominalConcurrencyShares: 7 } })
  expect(shares('catch-all')).toBe(5)
  const exempt = { nominalConcurrencyShares: 3, lendablePercent: 10 }
  await put('exempt', { [AUTOUPDATE]: 'false' }, 2, { type: 'Limited', exempt })
  expect(level('exempt')?.spec).toEqual({ type: 'Exempt', exempt })
})

it('what is annotated as ours but no longer suggested goes', async () => {
  await put('old', { [AUTOUPDATE]: 'true' }, 1, { type: 'Exempt' })
  await put('own', {}, 1, { type: 'Exempt' })
  expect(level('old')).toBeUndefined()
  expect(level('own')).toBeDefined()
})
