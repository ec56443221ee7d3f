import type { PersistentVolume, PersistentVolumeClaim, Pod } from '#types/core/v1'
import { describe, expect, it } from 'vitest'
import { podInfoOf } from '../framework/pod-info.ts'
import { pod } from '../testing/arrange.ts'
import { cluster, preempt, refusals } from '../testing/snapshot.ts'
import { volumeRestrictions } from './volume-restrictions.ts'

const claim = (mode: string) => () =>
  ({
    metadata: { name: 'c' },
    spec: { volumeName: 'pv', accessModes: [mode] },
    status: { phase: 'Bound' },
  }) as PersistentVolumeClaim
const using = (mode: string) => ({
  claim: claim(mode),
  volume: () => ({ metadata: { name: 'pv' }, spec: {} }) as PersistentVolume,
})
const user = (name: string, more: object = {}, namespace = 'default'): Pod =>
  pod(name, { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }], ...more }, { namespace })
const WORDS = 'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode'

describe('a claim for one pod', () => {
  it('keeps a second pod away from every node', () => {
    const cache = cluster({ n1: {}, n2: {} }, [['n1', user('first')]], using('ReadWriteOncePod'))
    expect(refusals(cache, user('second'))).toEqual([WORDS, WORDS])
  })

  it('keeps nobody away while nobody of its namespace uses it', () => {
    const running: Array<[string, Pod]> = [
      ['n1', user('elsewhere', {}, 'other')],
      ['n1', pod('unrelated', { volumes: [{ name: 'e', emptyDir: {} }] })],
    ]
    const cache = cluster({ n1: {} }, running, using('ReadWriteOncePod'))
    expect(refusals(cache, user('first'))).toEqual([null])
  })

  it('is given up by a less important pod', () => {
    const low = user('low', { priority: 1 })
    const cache = cluster({ n1: {}, n2: {} }, [['n2', low]], using('ReadWriteOncePod'))
    expect(preempt(cache, user('high', { priority: 9 }))).toEqual({ node: 'n2', victims: ['low'] })
  })

  it('may help again when a pod is gone or claims have changed', () => {
    const info = podInfoOf(user('a'))
    const event = (action: 'add' | 'delete') => ({ resource: 'pod' as const, action, pod: user('b') })
    expect(volumeRestrictions.mayHelp?.(event('delete'), info)).toBe(true)
    expect(volumeRestrictions.mayHelp?.(event('add'), info)).toBe(false)
    expect(volumeRestrictions.mayHelp?.({ resource: 'volume', action: 'change' }, info)).toBe(true)
  })
})

it('a claim for the pods of a node keeps nobody away', () => {
  const cache = cluster({ n1: {} }, [['n1', user('first')]], using('ReadWriteOnce'))
  expect(refusals(cache, user('second'))).toEqual([null])
})
