import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ControllerRevision, StatefulSet } from '#types/apps/v1'
import { byController } from '../../../../src-kube/client/indexer.ts'
import { refs } from '../../../../src-kube/client/refs.ts'
import { defineController, done } from '../../../../src-kube/runtime/controller.ts'
import { harness } from '../testing/harness.ts'
import {
  inOrder,
  revisionData,
  REVISION_HASH_LABEL,
  revisionName,
  revisionWith,
  superfluous,
  templateOf,
} from './history.ts'
import { type Revisions, syncRevisions, truncateHistory } from './revisions.ts'

const labels = { app: 'x' }
const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'one' }] } }
let h = harness([])
let last: Revisions | undefined
beforeEach(async () => {
  h = harness([
    defineController<StatefulSet>({
      name: 'test',
      for: refs.statefulSets,
      setup: (ctx) => ctx.informer(refs.controllerRevisions).addIndex(byController.name, byController.of),
      async reconcile(ctx, owner) {
        last = await syncRevisions(ctx, owner, refs.statefulSets)
        await truncateHistory(ctx, owner, last.all, new Set([last.update.metadata.name]))
        return done
      },
    }),
  ])
  await h.start()
})
afterEach(() => h.finish())

const put = (more: object = {}) =>
  h.server.put(refs.statefulSets, {
    metadata: { name: 'web', namespace: 'a', uid: 'own' },
    spec: { selector: { matchLabels: labels }, template, ...more },
  })
const revisions = () => h.server.all(refs.controllerRevisions)

describe('revisions of an owner', () => {
  it('another template under the same name is a collision: the next count gives another', async () => {
    const { name } = revisionName('web', template, undefined)
    h.server.put(refs.controllerRevisions, { metadata: { name, namespace: 'a' }, data: {}, revision: 1 })
    put()
    await h.pass(100)
    expect(last?.collisionCount).toBe(1)
    expect(last?.update.metadata.name).toBe(revisionName('web', template, 1).name)
  })

  it('one that it made before, and its cache does not know yet, is taken up', async () => {
    const { name, hash } = revisionName('web', template, undefined)
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'own' }]
    const metadata = { name, namespace: 'a', labels: { [REVISION_HASH_LABEL]: hash }, ownerReferences }
    h.server.put(refs.controllerRevisions, { metadata, data: revisionData(template), revision: 1 })
    put()
    await h.pass(100)
    expect(revisions()).toHaveLength(1)
    expect(last?.collisionCount).toBeUndefined()
  })

  it('an orphan that it selects is adopted and counts', async () => {
    const metadata = { name: 'old', namespace: 'a', labels }
    h.server.put(refs.controllerRevisions, { metadata, data: revisionData(template), revision: 7 })
    put()
    await h.pass(100)
    expect(last?.update.metadata.name).toBe('old')
    expect(revisions()[0]?.metadata.ownerReferences).toMatchObject([{ kind: 'StatefulSet', controller: true }])
  })

  it('one that vanishes while it is removed is no trouble', async () => {
    put({ revisionHistoryLimit: 0 })
    await h.pass(100)
    h.server.intercept = ({ verb, resource, name }) => {
      if (verb === 'delete' && resource.resource === 'controllerrevisions')
        h.server.remove(refs.controllerRevisions, name ?? '', 'a')
      return undefined
    }
    const next = { ...template, spec: { containers: [{ name: 'c', image: 'two' }] } }
    put({ revisionHistoryLimit: 0, template: next })
    await h.pass(100)
    expect(revisions().map(({ revision }) => revision)).toEqual([2])
  })
})

const made = (name: string, revision: number, more: object = {}) =>
  ({ metadata: { name, ...more }, revision, data: revisionData(template) }) as ControllerRevision

describe('the history', () => {
  it('is in the order of numbers, then ages, then names', () => {
    const at = (creationTimestamp: string) => ({ creationTimestamp })
    const ordered = inOrder([
      made('d', 2),
      made('c', 1, at('2026-02-01T00:00:00Z')),
      made('b', 1, at('2026-01-01T00:00:00Z')),
      made('a', 1, at('2026-01-01T00:00:00Z')),
      made('e', 2),
    ])
    expect(ordered.map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(revisionWith(ordered, template)?.metadata.name).toBe('e')
    expect(revisionWith(ordered, {})).toBeUndefined()
  })

  it('gives up the oldest beyond the limit, but none that something lives of', () => {
    const hashed = made('b', 2, { labels: { [REVISION_HASH_LABEL]: 'h' } })
    const all = [made('a', 1), hashed, made('c', 3), made('d', 4), made('e', 5)]
    const names = (live: string[], limit: number) =>
      superfluous(all, new Set(live), limit, REVISION_HASH_LABEL).map(({ metadata }) => metadata.name)
    expect(names(['e', 'h'], 1)).toEqual(['a', 'c'])
    expect(names(['e'], 9)).toEqual([])
    expect(names(['undefined'], 3)).toEqual(['a', 'b'])
    expect(names(['a', 'h', 'c', 'd', 'e'], 0)).toEqual([])
  })

  it('gives its templates back as they were', () => {
    expect(templateOf(made('a', 1))).toEqual(template)
    expect(templateOf({ metadata: {}, revision: 1 } as ControllerRevision)).toBeUndefined()
  })

  it('has names of at most 253 characters', () => {
    expect(revisionName('x'.repeat(300), template, 2).name.length).toBeLessThan(254)
  })
})
