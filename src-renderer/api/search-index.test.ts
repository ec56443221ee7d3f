import { expect, it } from 'vitest'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { views } from '../kinds/index.ts'
import type { Kube } from './kube.ts'
import { createSearchIndex } from './search-index.ts'

const some = views.filter((view) => ['services', 'secrets', 'events'].includes(view.id))

it('knows the names of kinds that no page shows, asks for them once in a while, and does without those it may not list', async () => {
  const asked: string[] = []
  const kube = partial<Kube>({
    cluster: 'search',
    get: (path: string) => {
      asked.push(path)
      if (path.includes('secrets')) return Promise.reject(new Error('forbidden'))
      return Promise.resolve({ items: [{ metadata: { name: 'web', namespace: 'shop' } }] })
    },
  })
  let now = 0
  const index = createSearchIndex(kube, () => now)
  await index.refresh(some)
  expect(index.objects.value.map(({ view, key }) => `${view.id} ${key}`)).toEqual(['services shop/web'])
  expect(asked).toEqual(['/api/v1/services?limit=500', '/api/v1/secrets?limit=500'])
  await index.refresh(some)
  expect(asked).toHaveLength(2)
  now = 60_000
  await index.refresh(some)
  expect(asked).toHaveLength(4)
})
