import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, describe, expect, it } from 'vitest'
import { computed, shallowRef } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { StatusError } from '../../src-kube/machinery/errors.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { clusterKey, type ClusterContext } from '../api/context.ts'
import { views } from '../kinds/index.ts'
import { scopeOf } from './known-scopes.ts'
import { followNamespaces, useNamespaces, type Namespaces } from './use-namespaces.ts'

const ends: Array<() => void> = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
  localStorage.clear()
})
let clusters = 0

/** A cluster on screen that serves these paths and refuses all others. */
async function shown(served: Record<string, string[]>, { namespace = '', at = '/k/pods' } = {}) {
  const id = `cluster-${++clusters}`
  const items = (names: string[]) => names.map((name) => ({ metadata: { name, resourceVersion: '1' } }))
  const context = partial<ClusterContext>({
    id,
    kube: partial<ClusterContext['kube']>({
      cluster: id,
      get: ((path: string) => {
        const names = served[path.split('?')[0]!]
        return names
          ? Promise.resolve({ metadata: { resourceVersion: '1' }, items: items(names) })
          : Promise.reject(new StatusError(403, 'Forbidden', 'no'))
      }) as never,
      connection: partial<ClusterContext['kube']['connection']>({
        open: () => partial({ close: () => undefined }),
        onOpen: (listener: () => void) => (listener(), () => undefined),
      }),
    }),
    summary: computed(() => ({ id, name: id, own: false, state: 'unknown' as const, namespace })),
    views: shallowRef(views),
    view: (name: string) => views.find((view) => view.id === name),
  })
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/k/:view', component: {} }] })
  await router.push(at)
  let found: Namespaces | undefined
  const inner = { setup: () => ((found = useNamespaces()), () => null) }
  const outer = { components: { inner }, setup: () => followNamespaces(context), template: '<inner />' }
  const host = mount(outer, {
    global: { plugins: [createPinia(), router], provide: { [clusterKey as symbol]: context } },
  })
  ends.push(() => host.unmount())
  await flushPromises()
  return { ...found!, router, scope: scopeOf(id) }
}

const everything = { '/api/v1/namespaces': ['a', 'b'], '/api/v1/pods': [] }

describe('the namespaces of a cluster on screen', () => {
  it('are all of them where they may be listed', async () => {
    const { names, areKnown, areSome, scope } = await shown(everything)
    expect([names.value, areKnown.value, areSome.value]).toEqual([['a', 'b'], true, false])
    expect([scope.names.value, scope.only.value]).toEqual([['a', 'b'], false])
  })

  it('are else that of the context, and those that a person names, until they are taken away', async () => {
    const { names, areKnown, add, remove, scope } = await shown({}, { namespace: 'shop' })
    expect([names.value, areKnown.value]).toEqual([['shop'], false])
    add('blog')
    await flushPromises()
    expect([names.value, scope.only.value]).toEqual([['blog', 'shop'], false])
    remove('shop')
    await flushPromises()
    expect(names.value).toEqual(['blog'])
  })

  it('are those of a link too', async () => {
    const { names, router } = await shown({}, { namespace: 'shop', at: '/k/pods?ns=blog,lab' })
    expect(names.value).toEqual(['blog', 'lab', 'shop'])
    await router.push('/k/pods?sel=other%2Fweb')
    await flushPromises()
    expect(names.value).toContain('other')
  })

  it('that are named in a cluster which may be read alone are asked alone, until none is named', async () => {
    const { add, remove, areChosen, areSome, scope, names } = await shown(everything)
    add('a')
    await flushPromises()
    expect([scope.only.value, scope.names.value, names.value]).toEqual([true, ['a'], ['a', 'b']])
    expect([areChosen.value, areSome.value]).toEqual([true, true])
    remove('a')
    await flushPromises()
    expect([scope.only.value, areSome.value]).toEqual([false, false])
  })

  it('are some where they may be listed, but not what is in them', async () => {
    const { areKnown, areSome, asked } = await shown({ '/api/v1/namespaces': ['a', 'b'] })
    expect([areKnown.value, areSome.value, asked.value]).toEqual([true, true, ['a', 'b']])
  })
})
