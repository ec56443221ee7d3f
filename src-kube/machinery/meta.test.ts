import { describe, expect, it } from 'vitest'
import { formatApiVersion, parseApiVersion, qualifiedResource } from './gvk.ts'
import { controllerOf, objectKey, splitKey, withTypedItems } from './meta.ts'
import { formatMicroTime, formatTime, parseTime } from './time.ts'

describe('names of objects and versions', () => {
  it('go from text and back', () => {
    for (const text of ['v1', 'apps/v1']) {
      const { group, version } = parseApiVersion(text)
      expect(formatApiVersion(group, version)).toBe(text)
    }
    for (const key of ['a', 'b/a']) expect(objectKey({ metadata: splitKey(key) })).toBe(key)
    expect(splitKey('a')).toEqual({ namespace: undefined, name: 'a' })
  })

  it('name a resource of a group', () => {
    expect(qualifiedResource('', 'pods')).toBe('pods')
    expect(qualifiedResource('apps', 'deployments')).toBe('deployments.apps')
  })

  it('find the controller among the owners', () => {
    const owner = { apiVersion: 'v1', kind: 'A', name: 'a', uid: '1' }
    const controller = { ...owner, uid: '2', controller: true }
    expect(controllerOf({ metadata: { ownerReferences: [owner, controller] } })).toBe(controller)
    expect(controllerOf({ metadata: { ownerReferences: [owner] } })).toBeUndefined()
    expect(controllerOf({ metadata: {} })).toBeUndefined()
  })
})

describe('a list over HTTP', () => {
  it('is given items that say what they are', () => {
    const list = { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: [{ metadata: { name: 'a' } }] }
    expect(withTypedItems(list).items).toEqual([{ kind: 'Pod', apiVersion: 'v1', metadata: { name: 'a' } }])
  })

  it('is left alone where they do, and so is what is no list', () => {
    const pod = { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'a' } }
    for (const answer of [pod, { kind: 'List', apiVersion: 'v1', metadata: {}, items: [pod] }, undefined, 'text'])
      expect(withTypedItems(answer)).toBe(answer)
  })
})

describe('times', () => {
  const at = Date.UTC(2026, 0, 2, 3, 4, 5, 678)

  it('travel with seconds or microseconds', () => {
    expect(formatTime(at)).toBe('2026-01-02T03:04:05Z')
    expect(formatMicroTime(at)).toBe('2026-01-02T03:04:05.678000Z')
    expect(formatMicroTime(at + 0.25)).toBe('2026-01-02T03:04:05.678250Z')
  })

  it('come back as milliseconds, or not at all', () => {
    expect(parseTime(formatTime(at))).toBe(at - 678)
    expect(parseTime('soon')).toBeUndefined()
    expect(parseTime('')).toBeUndefined()
    expect(parseTime(null)).toBeUndefined()
  })
})
