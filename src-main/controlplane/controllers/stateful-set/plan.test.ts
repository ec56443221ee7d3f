import { describe, expect, it } from 'vitest'
import type { StatefulSet } from '#types/apps/v1'
import type { PersistentVolumeClaim, Pod, PodStatus } from '#types/core/v1'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import { retainedBy } from './claims.ts'
import { claimsFor, ordinalOf, podOf } from './identity.ts'
import { planStatefulSet } from './plan.ts'

const now = Date.UTC(2026, 0, 1)
const names = { current: 'old', update: 'new' }
const setOf = (spec: object = {}) =>
  partial<StatefulSet>({
    metadata: { name: 'db', namespace: 'a', uid: 'set' },
    spec: { selector: { matchLabels: { app: 'db' } }, template: {}, ...spec },
  })
const podAt = (
  ordinal: number,
  { ready = true, revision = 'old', going = false, phase = 'Running' as PodStatus['phase'] } = {},
) =>
  partial<Pod>({
    metadata: {
      name: `db-${ordinal}`,
      labels: { 'controller-revision-hash': revision },
      ...(going ? { deletionTimestamp: formatTime(now) } : {}),
    },
    status: {
      phase,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: formatTime(now - 10_000) }],
    },
  })
const brief = (set: StatefulSet, pods: Pod[]) => {
  const { create, remove, condemned } = planStatefulSet(set, pods, names, now)
  return {
    create: create.map(({ ordinal, revision }) => `${ordinal} ${revision}`),
    remove: remove.map(({ metadata }) => metadata.name),
    condemned: condemned.length,
  }
}
const nothing = { create: [], remove: [], condemned: 0 }
const all = (...pods: number[]) => pods.map((ordinal) => podAt(ordinal))

describe('plan of a stateful set', () => {
  it.each([
    ['the first pod', setOf(), [], { ...nothing, create: ['0 new'] }],
    ['one pod after the other', setOf({ replicas: 3 }), all(0), { ...nothing, create: ['1 new'] }],
    ['none while a predecessor goes', setOf({ replicas: 2 }), [podAt(0, { going: true })], nothing],
    ['none again before an ended pod is gone', setOf(), [podAt(0, { phase: 'Failed', going: true })], nothing],
    [
      'all at once when Parallel',
      setOf({ replicas: 3, podManagementPolicy: 'Parallel' }),
      [podAt(1, { ready: false })],
      { ...nothing, create: ['0 new', '2 new'] },
    ],
    [
      'below the partition as it was',
      setOf({
        replicas: 2,
        podManagementPolicy: 'Parallel',
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } },
      }),
      [],
      { ...nothing, create: ['0 old', '1 new'] },
    ],
    [
      'of the new revision when updates wait for deletion',
      setOf({ updateStrategy: { type: 'OnDelete' } }),
      [],
      { ...nothing, create: ['0 new'] },
    ],
  ])('makes %s', (_what, set, pods, expected) => expect(brief(set, pods)).toEqual(expected))

  it.each([
    ['the highest of those outside the range', setOf(), all(0, 1, 2), ['db-2'], 1],
    ['none while one goes', setOf(), [...all(0, 1), podAt(2, { going: true })], [], 0],
    ['none above an unwell one', setOf(), [...all(0), podAt(1, { ready: false }), podAt(2, { ready: false })], [], 0],
    ['an unwell one when it is the lowest', setOf(), [...all(0), podAt(1, { ready: false })], ['db-1'], 1],
    [
      'all of them when Parallel',
      setOf({ podManagementPolicy: 'Parallel' }),
      [...all(0, 1, 2), podAt(3, { going: true })],
      ['db-2', 'db-1'],
      2,
    ],
    [
      'all of them when Parallel, also while an ended one is still going',
      setOf({ podManagementPolicy: 'Parallel' }),
      [podAt(0, { phase: 'Failed', going: true }), ...all(1, 2)],
      ['db-2', 'db-1'],
      2,
    ],
    ['those before the start', setOf({ ordinals: { start: 1 } }), all(0, 1), ['db-0'], 1],
  ])('scales down: %s', (_what, set, pods, remove, condemned) => {
    const updated = pods.map((pod) => ({
      ...pod,
      metadata: { ...pod.metadata, labels: { 'controller-revision-hash': 'new' } },
    }))
    expect(brief(set, updated)).toEqual({ create: [], remove, condemned })
  })

  const upTo = (maxUnavailable: number | string, more = {}) =>
    setOf({ replicas: 4, updateStrategy: { rollingUpdate: { maxUnavailable } }, ...more })
  it.each([
    ['the last pod first', setOf({ replicas: 4 }), all(0, 1, 2, 3), ['db-3']],
    [
      'the next when the last is ready',
      setOf({ replicas: 4 }),
      [...all(0, 1, 2), podAt(3, { revision: 'new' })],
      ['db-2'],
    ],
    ['two at a time within maxUnavailable', upTo(2), all(0, 1, 2, 3), ['db-3', 'db-2']],
    ['a share of them, rounded down', upTo('60%'), all(0, 1, 2, 3), ['db-3', 'db-2']],
    ['one at least', upTo('10%'), all(0, 1, 2, 3), ['db-3']],
    [
      'an ended one once, which comes back new anyway',
      setOf({ podManagementPolicy: 'Parallel' }),
      [podAt(0, { phase: 'Failed' })],
      ['db-0'],
    ],
    [
      'only as many as may be missing',
      upTo(3, { podManagementPolicy: 'Parallel' }),
      [...all(0, 1), podAt(2, { ready: false, revision: 'new' }), podAt(3, { going: true })],
      ['db-1'],
    ],
    [
      'none past a successor that is not ready',
      setOf({ replicas: 2, podManagementPolicy: 'Parallel' }),
      [podAt(0), podAt(1, { revision: 'new', ready: false })],
      [],
    ],
  ])('replaces %s', (_what, set, pods, remove) => expect(brief(set, pods)).toEqual({ ...nothing, remove }))

  it('does not touch pods of other names', () => {
    const other = { metadata: { name: 'db-x' } } as Pod
    expect(brief(setOf({ replicas: 0 }), [other])).toEqual(nothing)
  })
})

it.each([
  ['db-0', 0],
  ['db-12', 12],
  ['db-', undefined],
  ['db-1x', undefined],
  ['other-1', undefined],
])('the ordinal of %s is %s', (name, ordinal) => {
  expect(ordinalOf(setOf(), { metadata: { name } })).toBe(ordinal)
})

it("a claim's volume replaces the template's of the same name; annotations and finalizers of templates are kept", () => {
  const metadata = { name: 'data', annotations: { a: '1' }, finalizers: ['f'] }
  const set = setOf({ volumeClaimTemplates: [{ metadata, spec: {} }] })
  const volumes = [
    { name: 'data', emptyDir: {} },
    { name: 'other', emptyDir: {} },
  ]
  const pod = podOf(set, 1, { spec: { containers: [], volumes } }, 'new')
  expect(pod.spec.volumes).toEqual([
    { name: 'data', persistentVolumeClaim: { claimName: 'data-db-1', readOnly: false } },
    { name: 'other', emptyDir: {} },
  ])
  expect(claimsFor(set, 'db-1')[0]?.metadata).toMatchObject({ annotations: { a: '1' }, finalizers: ['f'] })
  expect(podOf(setOf(), 0, { spec: { containers: [] } }, 'new').spec).toEqual({ containers: [], hostname: 'db-0' })
})

describe('owners of a claim', () => {
  const pod = { metadata: { name: 'db-1', uid: 'pod' } } as Pod
  const owned = (...uids: string[]) =>
    partial<PersistentVolumeClaim>({
      metadata: { ownerReferences: uids.map((uid) => ({ uid, kind: 'X', controller: true })) },
    })
  const policy = (whenDeleted: string, whenScaled: string) =>
    setOf({ persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled } })
  it.each([
    ['Retain', 'Retain', 'condemned', []],
    ['Delete', 'Retain', 'condemned', ['set']],
    ['Delete', 'Retain', 'kept', ['set']],
    ['Delete', 'Delete', 'condemned', ['pod']],
    ['Delete', 'Delete', 'kept', ['set']],
    ['Retain', 'Delete', 'kept', []],
    ['Retain', 'Delete', 'condemned', ['pod']],
  ] as const)(
    'with %s and %s, of a pod that is %s, are %j whoever it was before',
    (deleted, scaled, fate, expected) => {
      for (const before of [owned(), owned('set'), owned('pod')]) {
        const owners = retainedBy(before, policy(deleted, scaled), pod, fate)
        expect(owners.map(({ uid }) => uid)).toEqual(expected)
      }
    },
  )

  it('are left alone when somebody else controls it', () => {
    expect(retainedBy(owned('other'), policy('Delete', 'Delete'), pod, 'condemned')).toMatchObject([{ uid: 'other' }])
    expect(retainedBy(partial({ metadata: {} }), setOf(), pod, 'kept')).toEqual([])
  })
})
