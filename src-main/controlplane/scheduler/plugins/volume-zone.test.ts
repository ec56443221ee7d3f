import type { Node, PersistentVolume, PersistentVolumeClaim } from '#types/core/v1'
import { describe, expect, it } from 'vitest'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { podInfoOf } from '../framework/pod-info.ts'
import type { Lookups } from '../framework/snapshot.ts'
import { node, pod } from '../testing/arrange.ts'
import { cluster, refusals } from '../testing/snapshot.ts'
import { volumeZone } from './volume-zone.ts'

const WORDS = 'node(s) had no available volume zone'
const ZONE = 'topology.kubernetes.io/zone'
const REGION = 'topology.kubernetes.io/region'
const OLD_ZONE = 'failure-domain.beta.kubernetes.io/zone'
const user = pod('a', {
  volumes: [
    { name: 'v', persistentVolumeClaim: { claimName: 'c' } },
    { name: 'e', emptyDir: {} },
  ],
})

function lookups(labels: Record<string, string> | undefined): Partial<Lookups> {
  return {
    claim: () =>
      ({ metadata: { name: 'c' }, spec: { volumeName: 'v' }, status: { phase: 'Bound' } }) as PersistentVolumeClaim,
    volume: () => ({ metadata: { name: 'v', labels }, spec: {} }) as PersistentVolume,
  }
}

describe('a labelled volume', () => {
  it.each<[string, Record<string, string> | undefined, Record<string, string>, unknown]>([
    ['is had in its zone', { [ZONE]: 'a' }, { [ZONE]: 'a' }, null],
    ['is not had in another', { [ZONE]: 'a' }, { [ZONE]: 'b' }, WORDS],
    ['is had in each zone it names', { [ZONE]: 'a__b' }, { [ZONE]: 'b' }, null],
    ['is not had in another region', { [ZONE]: 'a', [REGION]: 'r' }, { [ZONE]: 'a', [REGION]: 's' }, WORDS],
    ['with the old label is had where nodes have the new one', { [OLD_ZONE]: 'a' }, { [ZONE]: 'a' }, null],
    ['with the old label is not had in another zone', { [OLD_ZONE]: 'a' }, { [ZONE]: 'b' }, WORDS],
    ['is not had where only the region is known', { [ZONE]: 'a' }, { [REGION]: 'r' }, WORDS],
    ['is had on nodes that are in no zone', { [ZONE]: 'a' }, {}, null],
    ['without labels is had anywhere', undefined, { [ZONE]: 'b' }, null],
  ])('%s', (_what, ofVolume, ofNode, expected) => {
    expect(refusals(cluster({ n1: { labels: ofNode } }, [], lookups(ofVolume)), user)).toEqual([expected])
  })
})

it('a new label of a node or another volume may help', () => {
  const info = podInfoOf(user)
  const at = (where: string) => partial<Node>(node('n1', { labels: { [ZONE]: where } }))
  expect(volumeZone.mayHelp?.({ resource: 'volume', action: 'change' }, info)).toBe(true)
  expect(volumeZone.mayHelp?.({ resource: 'node', action: 'add', node: at('a') }, info)).toBe(true)
  expect(volumeZone.mayHelp?.({ resource: 'node', action: 'update', node: at('a'), old: at('b') }, info)).toBe(true)
  expect(volumeZone.mayHelp?.({ resource: 'node', action: 'update', node: at('a'), old: at('a') }, info)).toBe(false)
  expect(volumeZone.mayHelp?.({ resource: 'namespace', action: 'change' }, info)).toBe(false)
})
