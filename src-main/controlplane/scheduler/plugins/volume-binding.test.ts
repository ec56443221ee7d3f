import type { CSIDriver, CSIStorageCapacity, StorageClass } from '#types/storage.k8s.io/v1'
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '#types/core/v1'
import { describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { advance, settle } from '../../../../src-kube/client/testing/advance.ts'
import { FakeTransport } from '../../../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../../../src-kube/machinery/clock.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import type { BindingContext, NodeFilter } from '../framework/plugin.ts'
import { podInfoOf } from '../framework/pod-info.ts'
import type { Lookups } from '../framework/snapshot.ts'
import { pod } from '../testing/arrange.ts'
import { cluster, refusals } from '../testing/snapshot.ts'
import { volumeBinding } from './volume-binding.ts'

type Claim = { metadata?: object; spec?: object; status?: object }
const mounting = (claimName: string) => pod('a', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }] })
const ephemeral = () => pod('a', { volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: { spec: {} } } }] })
const lookupsOf = (claims: Record<string, Claim>, more: Partial<Lookups> = {}): Partial<Lookups> => ({
  claim: (key) => {
    const found = claims[key]
    return found && ({ spec: {}, ...found, metadata: { name: key, ...found.metadata } } as PersistentVolumeClaim)
  },
  volume: (name) => ({ metadata: { name }, spec: {} }) as PersistentVolume,
  ...more,
})

describe('a pod whose claim', () => {
  const byHand = () =>
    partial<StorageClass>({ volumeBindingMode: 'WaitForFirstConsumer', provisioner: 'kubernetes.io/no-provisioner' })
  const bound = { spec: { volumeName: 'pv' }, status: { phase: 'Bound' } }

  it.each<[string, Claim | undefined, unknown]>([
    ['is absent has to wait', undefined, 'persistentvolumeclaim "c" not found'],
    [
      'has no volume yet has to wait',
      { status: { phase: 'Pending' } },
      'pod has unbound immediate PersistentVolumeClaims',
    ],
    [
      'names a volume that has not accepted it has to wait',
      { spec: { volumeName: 'pv' } },
      'pod has unbound immediate PersistentVolumeClaims',
    ],
    ['is bound may go anywhere', bound, [null]],
    [
      'is going away has to wait',
      { ...bound, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } },
      'persistentvolumeclaim "c" is being deleted',
    ],
    [
      'has lost its volume goes nowhere',
      { spec: { volumeName: 'pv' }, status: { phase: 'Lost' } },
      'persistentvolumeclaim "c" bound to non-existent persistentvolume "pv"',
    ],
  ])('%s', (_what, claim, expected) => {
    const cache = cluster({ n1: {} }, [], lookupsOf(claim ? { 'default/c': claim } : {}))
    expect(refusals(cache, mounting('c'))).toEqual(expected)
  })

  it('is its own ephemeral one waits for it to be made, under the names of pod and volume', () => {
    expect(refusals(cluster({ n1: {} }), ephemeral())).toBe(
      'waiting for ephemeral volume controller to create the persistentvolumeclaim "a-v"',
    )
    const own = ephemeral()
    const ownerReferences = [{ kind: 'Pod', uid: own.metadata.uid, controller: true }]
    const made = (metadata: object) => cluster({ n1: {} }, [], lookupsOf({ 'default/a-v': { ...bound, metadata } }))
    expect(refusals(made({ ownerReferences }), own)).toEqual([null])
    expect(refusals(made({ name: 'a-v', namespace: 'default' }), own)).toBe(
      'PVC default/a-v was not created for pod default/a (pod is not owner)',
    )
  })

  it('is bound to a volume that is gone goes nowhere', () => {
    const cache = cluster({ n1: {} }, [], lookupsOf({ 'default/c': bound }, { volume: () => undefined }))
    expect(refusals(cache, mounting('c'))).toEqual([
      'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)',
    ])
  })

  describe('waits for its volume to be made', () => {
    const none = "node(s) didn't find available persistent volumes to bind"
    const nodes = { n1: { labels: { zone: 'a' } }, n2: { labels: { zone: 'b' } } }
    const claim = (metadata: object = {}) => ({
      metadata,
      spec: { storageClassName: 'c', resources: { requests: { storage: '2Gi' } } },
    })
    const judge = (of: object, { metadata = {}, ...more }: { metadata?: object } & Partial<Lookups> = {}) => {
      const storageClass = () =>
        partial<StorageClass>({
          metadata: { name: 'c' },
          volumeBindingMode: 'WaitForFirstConsumer',
          provisioner: 'd',
          ...of,
        })
      const lookups = lookupsOf({ 'default/c': claim(metadata) }, { storageClass, ...more })
      return refusals(cluster(nodes, [], lookups), mounting('c'))
    }
    const capacity = (size: string, value: string, more: object = {}) =>
      partial<CSIStorageCapacity>({
        storageClassName: 'c',
        capacity: size,
        nodeTopology: { matchLabels: { zone: value } },
        ...more,
      })
    const driver = (storageCapacity: boolean) => ({
      csiDriver: () => partial<CSIDriver>({ spec: { storageCapacity } }),
    })
    const told = (name: string) => ({ annotations: { 'volume.kubernetes.io/selected-node': name } })

    it('goes anywhere, or where its class allows it, or where the claim was told', () => {
      expect(judge({})).toEqual([null, null])
      const allowedTopologies = [{ matchLabelExpressions: [{ key: 'zone', values: ['b'] }] }]
      expect(judge({ allowedTopologies })).toEqual([none, null])
      expect(judge({}, { metadata: told('n1') })).toEqual([null, none])
    })

    it('goes where the driver has room, when it tells', () => {
      const full = 'node(s) did not have enough free storage'
      const storageCapacities = () => [
        capacity('1Gi', 'a'),
        capacity('4Gi', 'a', { storageClassName: 'other' }),
        capacity('4Gi', 'a', { nodeTopology: undefined }),
        capacity('4Gi', 'a', { maximumVolumeSize: '1Gi' }),
        capacity('4Gi', 'b'),
      ]
      expect(judge({}, { ...driver(true), storageCapacities })).toEqual([full, null])
      expect(judge({}, { ...driver(false), storageCapacities })).toEqual([null, null])
    })
  })

  it('is bound to a volume of some nodes goes to those', () => {
    const terms = [{ matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: ['n2'] }] }]
    const spec = { nodeAffinity: { required: { nodeSelectorTerms: terms } } }
    const volume = () => partial<PersistentVolume>({ metadata: { name: 'pv' }, spec })
    const cache = cluster({ n1: {}, n2: {} }, [], lookupsOf({ 'default/c': bound }, { volume }))
    expect(refusals(cache, mounting('c'))).toEqual(["node(s) didn't match PersistentVolume's node affinity", null])
  })

  it('waits for volumes made by hand goes where each of its claims finds one', () => {
    const on = (name: string, ...nodes: string[]) => {
      const terms = [{ matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: nodes }] }]
      const spec = {
        storageClassName: 'local',
        capacity: { storage: '1Gi' },
        nodeAffinity: { required: { nodeSelectorTerms: terms } },
      }
      return partial<PersistentVolume>({ metadata: { name }, spec, status: { phase: 'Available' } })
    }
    const volumes = [on('a', 'n2'), on('b', 'n3'), on('c', 'n3')]
    const volumesOfClass = (name: string) => (name === 'local' ? volumes : [])
    const claim = { spec: { storageClassName: 'local', resources: { requests: { storage: '1Gi' } } } }
    const lookups = lookupsOf({ 'default/c': claim, 'default/d': claim }, { storageClass: byHand, volumesOfClass })
    const cache = cluster({ n1: {}, n2: {}, n3: {} }, [], lookups)
    const none = "node(s) didn't find available persistent volumes to bind"
    expect(refusals(cache, mounting('c'))).toEqual([none, null, null])
    const both = ['c', 'd'].map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } }))
    expect(refusals(cache, pod('a', { volumes: both }))).toEqual([none, none, null])
  })

  it('waits for a volume made by hand leaves to others what they are just getting', () => {
    const volume = partial<PersistentVolume>({
      metadata: { name: 'a' },
      spec: { storageClassName: 'local' },
      status: { phase: 'Available' },
    })
    const claim = (name: string) => ({
      metadata: { name, namespace: 'default' },
      spec: { storageClassName: 'local' },
    })
    const claims = { 'default/c': claim('c'), 'default/d': claim('d') }
    const cache = cluster({ n1: {} }, [], lookupsOf(claims, { storageClass: byHand, volumesOfClass: () => [volume] }))
    const plugin = volumeBinding(createClient(new FakeTransport()))
    const fits = (info: ReturnType<typeof podInfoOf>) => {
      const filter = plugin.preFilter!(info, cache) as NodeFilter
      return filter.check(cache.node('n1')!) === undefined
    }
    const [first, second] = [podInfoOf(mounting('c')), podInfoOf(mounting('d'))]
    const context = { pod: first, nodeName: 'n1' } as BindingContext
    expect(plugin.reserve!(context)).toBeUndefined()
    expect(fits(first)).toBe(true)
    const undo = plugin.reserve!(context)
    expect([fits(second), fits(podInfoOf(mounting('c')))]).toEqual([false, true])
    undo?.()
    expect(fits(second)).toBe(true)
    const event = (of: Pod) => ({ resource: 'pod' as const, action: 'delete' as const, pod: of })
    expect([plugin.mayHelp!(event(first.pod), second), plugin.mayHelp!(event(pod('b')), second)]).toEqual([true, false])
    fits(first)
    plugin.reserve!(context)
    plugin.postBind!(context)
    expect(fits(second)).toBe(true)
  })

  it('does not exist at all, without volumes of that sort, is not held up', () => {
    expect(refusals(cluster({ n1: {} }), pod('a', { volumes: [{ name: 'v', emptyDir: {} }] }))).toEqual([null])
  })
})

describe('before a pod is bound', () => {
  const bind = (claims: () => Record<string, Claim>) => {
    const clock = new FakeClock()
    const server = new FakeTransport({ clock })
    const abort = new AbortController()
    for (const [key, claim] of Object.entries(claims())) {
      const name = key.split('/')[1]!
      server.put(refs.persistentVolumeClaims, { metadata: { name, namespace: 'default' }, ...claim })
    }
    const lookups = {
      claim: (key: string) => server.peek(refs.persistentVolumeClaims, key.split('/')[1]!, 'default'),
    } as Lookups
    const done = volumeBinding(createClient(server)).preBind!({
      pod: podInfoOf(mounting('c')),
      nodeName: 'n1',
      lookups,
      clock,
      signal: abort.signal,
    })
    return { clock, abort, done }
  }

  it('there is nothing to do when its claims are bound', () => {
    const { done } = bind(() => ({ 'default/c': { spec: { volumeName: 'pv' }, status: { phase: 'Bound' } } }))
    expect(done).toBeUndefined()
  })

  it('its claims get ten minutes to be bound', async () => {
    const { clock, done } = bind(() => ({ 'default/c': { spec: {} } }))
    const outcome = done!.then(
      () => 'bound',
      (error: Error) => error.message,
    )
    await advance(clock, 600_200)
    expect(await outcome).toBe('timed out waiting for PersistentVolumeClaims default/c to be bound')
  })

  it('it gives a node up when a claim is told that node no more, even when it never saw it told', async () => {
    const clock = new FakeClock()
    const server = new FakeTransport({ clock })
    let cached = server.put(refs.persistentVolumeClaims, { metadata: { name: 'c', namespace: 'default' }, spec: {} })
    const context = {
      pod: podInfoOf(mounting('c')),
      nodeName: 'n1',
      lookups: partial<Lookups>({ claim: () => cached }),
      clock,
      signal: new AbortController().signal,
    }
    const outcome = volumeBinding(createClient(server)).preBind!(context)!.catch((error: Error) => error.message)
    await settle()
    const claim = server.peek(refs.persistentVolumeClaims, 'c', 'default')!
    expect(claim.metadata.annotations).toEqual({ 'volume.kubernetes.io/selected-node': 'n1' })
    cached = server.put(refs.persistentVolumeClaims, { ...claim, metadata: { ...claim.metadata, annotations: {} } })
    await advance(clock, 1000)
    expect(await outcome).toBe('provisioning failed for PVC "c"')
  })

  it('a claim that was deleted meanwhile is waited for like one that is not bound', async () => {
    const { abort, done } = bind(() => ({}))
    const outcome = done!.catch((error: Error) => error.message)
    abort.abort(new Error('the scheduler stops'))
    expect(await outcome).toMatch(/default\/c|the scheduler stops/)
  })
})
