import { describe, expect, it } from 'vitest'
import { StatusError } from '../../src-kube/machinery/errors.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { Kube } from './kube.ts'
import { createSearchElsewhere } from './search-elsewhere.ts'

const resource = (name: string, kind: string, verbs = ['list', 'watch']) => ({
  resource: name,
  responseKind: { kind },
  scope: 'Namespaced',
  verbs,
})
const core = {
  kind: 'APIGroupDiscoveryList',
  items: [
    {
      metadata: {},
      versions: [
        {
          version: 'v1',
          resources: [resource('pods', 'Pod'), resource('secrets', 'Secret'), resource('events', 'Event')],
        },
      ],
    },
  ],
}

/** Clusters with as many pods each; the secrets of `shut` may not be listed, and `gone` does not answer. */
function clusters(pods: Record<string, number>, most?: number) {
  const asked: string[] = []
  const kubeOf = (cluster: string): Kube =>
    partial<Kube>({
      cluster,
      get: (path: string) => {
        asked.push(`${cluster} ${path}`)
        if (cluster === 'gone') return Promise.reject(new Error('The cluster does not answer.'))
        if (path === '/api') return Promise.resolve(core)
        if (path === '/apis') return Promise.resolve({ kind: 'APIGroupDiscoveryList', items: [] })
        if (!path.includes('/pods')) return Promise.reject(new StatusError(403, 'Forbidden', 'no'))
        const from = Number(/continue=(\d+)/.exec(path)?.[1] ?? 0)
        const to = Math.min(from + 500, pods[cluster] ?? 0)
        const items = Array.from({ length: to - from }, (_, at) => ({
          metadata: { name: `web-${from + at}`, namespace: 'shop' },
        }))
        return Promise.resolve({ metadata: to < (pods[cluster] ?? 0) ? { continue: String(to) } : {}, items })
      },
    })
  return { asked, search: createSearchElsewhere({ kubeOf, ...(most === undefined ? {} : { most }) }) }
}

describe('a search in other clusters', () => {
  it('asks nothing before it begins, then each cluster once, and tells which does not answer', async () => {
    const { asked, search } = clusters({ lab: 2 })
    expect(asked).toEqual([])
    await search.ask(['lab', 'gone'])
    await search.ask(['lab'])
    expect(
      search.findings.value.map(({ cluster, state, message, objects }) => [
        cluster,
        state,
        message,
        objects.map(({ key }) => key),
      ]),
    ).toEqual([
      ['lab', 'asked', '', ['shop/web-0', 'shop/web-1']],
      ['gone', 'failed', 'The cluster does not answer.', []],
    ])
    expect(asked.filter((path) => path.startsWith('lab'))).toEqual([
      'lab /api',
      'lab /apis',
      'lab /api/v1/pods?limit=500',
      'lab /api/v1/secrets?limit=500',
    ])
  })

  it('reads a long list in parts, until the budget of all clusters together is used up', async () => {
    const { asked, search } = clusters({ big: 5000, other: 5000 })
    await search.ask(['big', 'other'])
    expect(search.findings.value.map(({ objects }) => objects.length)).toEqual([2000, 2000])
    const small = clusters({ big: 5000, later: 5000 }, 100)
    await small.search.ask(['big'])
    await small.search.ask(['later'])
    expect(small.search.findings.value.map(({ objects }) => objects.length)).toEqual([2000, 0])
    expect(asked.filter((path) => path.includes('big /api/v1/pods'))).toHaveLength(4)
  })

  it('lets go of everything at its end, asks no further, and begins anew', async () => {
    const { asked, search } = clusters({ big: 5000 })
    const first = search.ask(['big'])
    search.end()
    await first
    expect(search.findings.value).toEqual([])
    expect(asked.filter((path) => path.includes('/pods'))).toEqual([])
    await search.ask(['big'])
    expect(search.findings.value[0]!.objects).toHaveLength(2000)
  })
})
