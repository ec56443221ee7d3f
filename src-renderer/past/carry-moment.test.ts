import { describe, expect, it } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import { carryMoment, leaving } from './carry-moment.ts'

const at = '2026-01-02T12:00:00Z'
async function arranged(): Promise<Router> {
  const component = { template: '' }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/settings', name: 'settings', component },
      { path: '/c/:cluster', name: 'overview', component },
      { path: '/c/:cluster/k/:view', name: 'kind', component },
    ],
  })
  carryMoment(router)
  await router.push(`/c/dev?at=${at}`)
  return router
}
const toPods = { name: 'kind', params: { cluster: 'dev', view: 'pods' }, query: { sel: 'a' } }

describe('a moment that is looked at', () => {
  it('is kept from page to page of its cluster, whatever else they ask for', async () => {
    const router = await arranged()
    await router.push(toPods)
    expect(router.currentRoute.value.fullPath).toBe(`/c/dev/k/pods?sel=a&at=${at}`)
    await router.replace({ query: { q: 'x' } })
    expect(router.currentRoute.value.query).toEqual({ q: 'x', at })
    await router.push('/c/dev/k/nodes')
    expect(router.currentRoute.value.query).toEqual({ at })
  })

  it('is another one where a step says so', async () => {
    const router = await arranged()
    await router.push({ query: { at: '2026-01-02T11:00:00Z' } })
    expect(router.currentRoute.value.query['at']).toBe('2026-01-02T11:00:00Z')
  })

  it('is left by the step back to now, and by that to another cluster or none', async () => {
    for (const to of [{ query: {}, state: leaving }, '/c/lab', { name: 'settings' }]) {
      const router = await arranged()
      await router.push(to)
      expect(router.currentRoute.value.query).toEqual({})
    }
  })

  it('does not come from nowhere', async () => {
    const router = await arranged()
    await router.push('/c/lab')
    await router.push(toPods)
    expect(router.currentRoute.value.query).toEqual({ sel: 'a' })
  })
})
