import type { Deployment, ReplicaSet } from '#types/apps/v1'
import type { PodTemplateSpec } from '#types/core/v1'
import { describe, expect, it } from 'vitest'
import { byAge, findNewReplicaSet, maxRevision, newAnnotations, revisionOf, templateHash } from './replica-sets.ts'

const template = (image: string, more: object = {}): PodTemplateSpec =>
  ({ metadata: { labels: { app: 'web' }, ...more }, spec: { containers: [{ name: 'c', image }] } }) as PodTemplateSpec
const deployment = (given: PodTemplateSpec | undefined, annotations?: Record<string, string>) =>
  ({
    metadata: { name: 'web', ...(annotations ? { annotations } : {}) },
    spec: { template: given },
  }) as Deployment
const set = (
  name: string,
  more: { template?: PodTemplateSpec; created?: string; annotations?: Record<string, string> } = {},
) =>
  ({
    metadata: {
      name,
      ...(more.created ? { creationTimestamp: more.created } : {}),
      ...(more.annotations ? { annotations: more.annotations } : {}),
    },
    spec: more.template ? { template: more.template } : {},
  }) as ReplicaSet
const REVISION = 'deployment.kubernetes.io/revision'
const HISTORY = 'deployment.kubernetes.io/revision-history'

describe('the hash of a template', () => {
  it('is the same for the same fields, in whatever order they are written', () => {
    const hash = templateHash(template('a'), undefined)
    expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/)
    expect(templateHash({ ...template('a') }, 0)).toBe(hash)
    const { spec, metadata } = template('a')
    expect(templateHash({ spec: { ...spec!, restartPolicy: undefined }, metadata }, undefined)).toBe(hash)
  })

  it('is another for another template, or when two share one', () => {
    const hashes = [
      templateHash(template('a'), undefined),
      templateHash(template('b'), undefined),
      templateHash(template('a'), 1),
      templateHash(template('a', { annotations: { x: null } }), undefined),
    ]
    expect(new Set(hashes).size).toBe(4)
  })
})

describe('the new replica set', () => {
  it('is the one with the template, but for the label of its hash and the time of its making', () => {
    const same = template('a', { labels: { app: 'web', 'pod-template-hash': 'x' }, creationTimestamp: null })
    expect(
      findNewReplicaSet(deployment(template('a')), [
        set('b', { template: template('b') }),
        set('a', { template: same }),
      ])?.metadata.name,
    ).toBe('a')
    expect(findNewReplicaSet(deployment(template('c')), [set('a', { template: same })])).toBeUndefined()
  })

  it('is the oldest of several, and by name among those of one age', () => {
    const sets = [
      set('young', { template: template('a'), created: '2026-01-02T00:00:00Z' }),
      set('old', { template: template('a'), created: '2026-01-01T00:00:00Z' }),
    ]
    expect(findNewReplicaSet(deployment(template('a')), sets)?.metadata.name).toBe('old')
    expect([set('b'), set('a')].toSorted(byAge).map(({ metadata }) => metadata.name)).toEqual(['a', 'b'])
    expect([set('a'), set('b')].toSorted(byAge).map(({ metadata }) => metadata.name)).toEqual(['a', 'b'])
  })

  it('is found for a template without anything', () => {
    expect(findNewReplicaSet(deployment(undefined), [set('a')])?.metadata.name).toBe('a')
  })
})

describe('revisions', () => {
  it('are numbers; what is absent or no number is none', () => {
    expect(revisionOf(set('a', { annotations: { [REVISION]: '7' } }))).toBe(7)
    expect(revisionOf(set('a', { annotations: { [REVISION]: 'seven' } }))).toBe(0)
    expect(revisionOf(set('a'))).toBe(0)
    expect(maxRevision([])).toBe(0)
    expect(
      maxRevision([set('a', { annotations: { [REVISION]: '2' } }), set('b', { annotations: { [REVISION]: '9' } })]),
    ).toBe(9)
  })

  it('come with the annotations of the deployment, but those that are about itself', () => {
    const given = deployment(template('a'), {
      note: 'x',
      'kubectl.kubernetes.io/last-applied-configuration': '{}',
      [REVISION]: '4',
      'deprecated.deployment.rollback.to': '1',
    })
    expect(newAnnotations(given, undefined, 5)).toEqual({ note: 'x', [REVISION]: '5' })
    expect(newAnnotations(deployment(template('a')), undefined, 1)).toEqual({ [REVISION]: '1' })
  })

  it('leave behind those a set had before, each once', () => {
    const once = newAnnotations(deployment(template('a')), set('a', { annotations: { [REVISION]: '1' } }), 3)
    expect(once).toEqual({ [REVISION]: '3', [HISTORY]: '1' })
    const twice = newAnnotations(deployment(template('a')), set('a', { annotations: once }), 5)
    expect(twice).toEqual({ [REVISION]: '5', [HISTORY]: '1,3' })
    const again = newAnnotations(
      deployment(template('a')),
      set('a', { annotations: { [REVISION]: '3', [HISTORY]: '1,3' } }),
      5,
    )
    expect(again[HISTORY]).toBe('1,3')
  })

  it('never go back', () => {
    const kept = { [REVISION]: '9', [HISTORY]: '1' }
    expect(newAnnotations(deployment(template('a')), set('a', { annotations: kept }), 5)).toEqual(kept)
  })
})
