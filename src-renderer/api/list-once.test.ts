import { describe, expect, it } from 'vitest'
import { StatusError } from '../../src-kube/machinery/errors.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { scopeOf } from '../namespaces/known-scopes.ts'
import type { Kube } from './kube.ts'
import { listOnce } from './list-once.ts'

const pods = { group: '', version: 'v1', resource: 'pods' }

/** A cluster whose person may list these paths. */
function cluster(name: string, allowed: string[], names: string[]) {
  const asked: string[] = []
  scopeOf(name).names.value = names
  const kube = partial<Kube>({
    cluster: name,
    get: (path: string) => {
      asked.push(path)
      return allowed.includes(path)
        ? Promise.resolve({ items: [path] })
        : Promise.reject(new StatusError(403, 'Forbidden', `${path} is forbidden`))
    },
  })
  return { asked, list: (now = 0) => listOnce<string>(kube, pods, { now: () => now }) }
}

describe('what is listed once', () => {
  it('is of the whole cluster where that may be read', async () => {
    expect(await cluster('whole', ['/api/v1/pods'], ['a']).list()).toEqual(['/api/v1/pods'])
  })

  it('is else of the namespaces that may, and the whole is not asked for again for a while', async () => {
    const { list, asked } = cluster('part', ['/api/v1/namespaces/a/pods'], ['a', 'b'])
    expect([await list(), await list(1000)]).toEqual([['/api/v1/namespaces/a/pods'], ['/api/v1/namespaces/a/pods']])
    expect(asked.filter((path) => path === '/api/v1/pods')).toHaveLength(1)
    await list(400_000)
    expect(asked.filter((path) => path === '/api/v1/pods')).toHaveLength(2)
  })

  it('fails where nothing may be read, and where nobody knows a namespace', async () => {
    await expect(cluster('none', [], ['a']).list()).rejects.toThrow('/api/v1/namespaces/a/pods is forbidden')
    await expect(cluster('nowhere', [], []).list()).rejects.toThrow('/api/v1/pods is forbidden')
  })
})
