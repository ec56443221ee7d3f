import { describe, expect, it } from 'vitest'
import { nextTick, ref, effectScope } from 'vue'
import { StatusError } from '../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { Kube } from '../api/kube.ts'
import type { KindView } from '../kinds/view.ts'
import { joined, rowsOf, type Revision, type RevisionPage } from './revisions.ts'
import { useRevisions } from './use-revisions.ts'

const revision = (n: number, data: string | undefined, type: Revision['type'] = 'put'): Revision => ({
  type,
  resourceVersion: String(n),
  time: n * 1000,
  object: partial<KubeObject>({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: data } }),
})

describe('the rows of a history', () => {
  it('say what each write was', () => {
    const { time: _unknown, ...keptFrom } = revision(1, 'a')
    const revisions = [revision(6, 'c'), revision(5, 'b', 'delete'), revision(4, 'b'), revision(3, 'b'), keptFrom]
    expect(rowsOf({ revisions, more: false }).map(({ kind, changes }) => [kind, changes.length])).toEqual([
      ['created', 0],
      ['deleted', 0],
      ['touched', 0],
      ['changed', 1],
      ['kept', 0],
    ])
    expect(rowsOf({ revisions: [revision(1, 'a')], more: false })[0]!.kind).toBe('created')
  })

  it('leave out the oldest while what came before it is not known', () => {
    const revisions = [revision(4, 'b'), revision(3, 'a')]
    expect(rowsOf({ revisions, more: true }).map(({ revision: one }) => one.resourceVersion)).toEqual(['4'])
    expect(rowsOf({ revisions: [...revisions, revision(2, '0')], more: false })[1]!.kind).toBe('changed')
  })

  it('grow at both ends, and begin anew when the ends do not meet', () => {
    const known = { revisions: [revision(3, 'b'), revision(2, 'a')], more: true }
    const grown = joined({ revisions: [revision(4, 'c'), revision(3, 'b')], more: true }, known)
    expect(grown?.revisions.map(({ resourceVersion }) => resourceVersion)).toEqual(['4', '3', '2'])
    expect(grown?.revisions[1]).toBe(known.revisions[0])
    expect(joined({ revisions: [revision(9, 'c')], more: true }, known)).toBeUndefined()
  })
})

describe('the history of an object', () => {
  const view = { group: '', version: 'v1', resource: 'configmaps' } as KindView
  const turn = (): Promise<void> => new Promise((done) => setTimeout(done))

  it('is asked for by pages, and grows when the object changes', async () => {
    const paths: string[] = []
    let all = [revision(3, 'c'), revision(2, 'b'), revision(1, 'a')]
    const get = (path: string): Promise<RevisionPage> => {
      paths.push(path)
      const { searchParams } = new URL(path, 'http://x')
      const kept = all.filter(
        ({ resourceVersion }) => Number(resourceVersion) < Number(searchParams.get('before') ?? 99),
      )
      return Promise.resolve({ revisions: kept.slice(0, 2), more: kept.length > 2 })
    }
    const version = ref(1)
    const scope = effectScope()
    const found = scope.run(() =>
      useRevisions(partial<Kube>({ get }), view, { namespace: 'd', name: 'a' }, () => version.value),
    )!
    await turn()
    const told = () => found.rows.value.map((row) => row.revision.resourceVersion)
    expect([paths[0], told(), found.more.value]).toEqual([
      '/debug/history/api/v1/namespaces/d/configmaps/a?limit=50',
      ['3'],
      true,
    ])
    await found.older()
    expect([told(), found.more.value]).toEqual([['3', '2', '1'], false])
    all = [revision(4, 'd'), ...all]
    version.value++
    await nextTick()
    await turn()
    expect(told()).toEqual(['4', '3', '2', '1'])
    scope.stop()
  })

  it('is empty where nothing is kept, and says what else went wrong', async () => {
    const ask = async (error: Error) => {
      const get = (): Promise<never> => Promise.reject(error)
      const found = effectScope().run(() => useRevisions(partial<Kube>({ get }), view, { name: 'a' }, () => undefined))!
      await turn()
      return [found.rows.value.length, found.problem.value, found.isAsked.value]
    }
    expect(await ask(new StatusError(404, 'NotFound', 'configmaps "a" not found'))).toEqual([0, '', true])
    expect(await ask(new Error('no way'))).toEqual([0, 'no way', true])
  })
})
