import type { ResourceClaim } from '#types/resource.k8s.io/v1'
import { describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { advance } from '../../../../src-kube/client/testing/advance.ts'
import { FakeTransport } from '../../../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../../../src-kube/client/typed-client.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { podInfoOf } from '../framework/pod-info.ts'
import { arrangeScheduler, node, pod } from '../testing/arrange.ts'
import { ask, claim, device, deviceClass, deviceLookups, slice, using } from '../testing/devices.ts'
import { cluster, refusals, scores } from '../testing/snapshot.ts'
import { dynamicResources } from './dynamic-resources.ts'

const one = { requests: [ask('r')] }
const NONE = 'cannot allocate all claims'
const nodes = { n1: {}, n2: {} }
const slices = [slice('n2', [device('a')])]
const results = [{ request: 'r', driver: 'd', pool: 'n2', device: 'a' }]
const on = (name: string) => ({
  nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] }],
})
const refusalsFor = (claims: ResourceClaim[], used = ['c'], classes = [deviceClass('gpu')]) =>
  refusals(cluster(nodes, [], deviceLookups(slices, claims, classes)), using('p', used))

describe('a pod that claims devices', () => {
  const consumers = Array.from({ length: 256 }, (_, i) => ({ resource: 'pods', name: `p${i}`, uid: `${i}` }))
  it.each<[string, ResourceClaim[], unknown]>([
    ['goes where they are', [claim('c', one)], [NONE, null]],
    [
      'goes nowhere while somebody has them',
      [claim('c', one), claim('o', one, { allocation: { devices: { results } } })],
      [NONE, NONE],
    ],
    [
      'goes where the devices of its claim are',
      [claim('c', one, { allocation: { devices: { results }, nodeSelector: on('n2') } })],
      ['resourceclaim not available on the node', null],
    ],
    [
      'goes anywhere with devices that are everywhere',
      [claim('c', one, { allocation: { devices: { results } } })],
      [null, null],
    ],
    ['waits for its claim', [], 'resourceclaim.resource.k8s.io "c" not found'],
    [
      'does not use a claim that goes',
      [claim('c', one, {}, { deletionTimestamp: '2026-01-01T00:00:00Z' })],
      'resourceclaim "c" is being deleted',
    ],
    [
      'waits while too many use the claim',
      [claim('c', one, { allocation: { devices: {} }, reservedFor: consumers })],
      'resourceclaim in use',
    ],
    [
      'waits for the class of a request',
      [claim('c', { requests: [ask('r', { deviceClassName: 'x' })] })],
      'request r: device class x does not exist',
    ],
    [
      'cannot have what names no class',
      [claim('c', { requests: [ask('r', { deviceClassName: '' })] })],
      'request r: unsupported request type',
    ],
    [
      'cannot have what is no request',
      [claim('c', { requests: [{ name: 'r' }] })],
      'request r: unsupported request type',
    ],
    ['goes anywhere when it asks for nothing', [claim('c', {})], [null, null]],
  ])('%s', (_what, claims, expected) => {
    expect(refusalsFor(claims)).toEqual(expected)
  })

  it('names a claim twice and needs it once', () => {
    expect(refusalsFor([claim('c', one)], ['c', 'c'])).toEqual([NONE, null])
  })

  it('is told which selector could not be judged', () => {
    const selectors = [{ cel: { expression: 'device.attributes["d"].missing == 1' } }]
    expect(refusalsFor([claim('c', { requests: [ask('r', { selectors })] })])).toEqual([
      NONE,
      'claim default/c, request r: selector #0: CEL runtime error: no such key: missing',
    ])
  })

  it('is not tried before the claims are made that it has templates for, and is when it needs none', () => {
    const templated = pod('p', { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 't' }] })
    const plugin = dynamicResources(createClient(new FakeTransport()))
    expect(plugin.preEnqueue?.(podInfoOf(templated))).toBe('pod "default/p": ResourceClaim not created yet')
    const event = { resource: 'device' as const, action: 'change' as const }
    expect(plugin.mayHelp?.(event, podInfoOf(templated))).toBe(false)
    expect(plugin.mayHelp?.(event, podInfoOf(using('q', ['c'])))).toBe(true)
    const cache = cluster(nodes, [], deviceLookups(slices, []))
    expect(refusals(cache, templated)).toBe('pod "default/p": ResourceClaim not created yet')
    const needless = { ...templated, status: { resourceClaimStatuses: [{ name: 'gpu' }] } }
    expect(plugin.preEnqueue?.(podInfoOf(needless))).toBeUndefined()
    expect(refusals(cache, needless)).toEqual([null, null])
    const nothing = pod('p', { resourceClaims: [{ name: 'gpu' }] })
    expect(plugin.preEnqueue?.(podInfoOf(nothing))).toContain('none of the supported fields are set')
  })

  it('is tried again when another with claims goes or could not be bound: its devices may have been in no claim yet', () => {
    const plugin = dynamicResources(createClient(new FakeTransport()))
    const helps = (other: ReturnType<typeof pod>, action: 'add' | 'delete') =>
      plugin.mayHelp?.({ resource: 'pod', action, pod: other }, podInfoOf(using('p', ['c'])))
    expect(helps(using('q', ['o']), 'delete')).toBe(true)
    expect(helps(using('q', ['o']), 'add')).toBe(false)
    expect(helps(pod('q'), 'delete')).toBe(false)
  })

  it('does not use a claim that was made for another pod', () => {
    const status = { resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: 'c' }] }
    const mine = { ...pod('p', { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 't' }] }), status }
    const cache = cluster(nodes, [], deviceLookups(slices, [claim('c', one)]))
    expect(refusals(cache, mine)).toBe('ResourceClaim default/c was not created for pod default/p (pod is not owner)')
  })

  it('likes nodes with better alternatives', () => {
    const sub = (name: string, deviceClassName: string) => ({ name, deviceClassName, count: 1 })
    const listed = claim('c', { requests: [{ name: 'r', firstAvailable: [sub('big', 'big'), sub('small', 'small')] }] })
    const classes = ['big', 'small'].map((size) =>
      deviceClass(size, { selectors: [{ cel: { expression: `device.attributes["d"].size == "${size}"` } }] }),
    )
    const both = [slice('n1', [device('a', { size: 'small' })]), slice('n2', [device('a', { size: 'big' })])]
    const cache = cluster(nodes, [], deviceLookups(both, [listed], classes))
    const info = using('p', ['c'])
    expect(refusals(cache, info)).toEqual([null, null])
    expect(scores(cache, info, 'DynamicResources')).toEqual([87, 100])
    expect(scores(cache, using('q', []), 'DynamicResources')).toBeUndefined()
  })

  it.each([
    ['nodes with other labels may help', { resource: 'node' as const, action: 'add' as const, node: node('n1') }, true],
    [
      'nodes with the same labels do not',
      { resource: 'node' as const, action: 'update' as const, node: node('n1'), old: node('n1') },
      false,
    ],
    ['other pods do not', { resource: 'pod' as const, action: 'delete' as const, pod: pod('x') }, false],
    ['volumes do not', { resource: 'volume' as const, action: 'change' as const }, false],
  ])('%s', (_what, event, expected) => {
    expect(dynamicResources(createClient(new FakeTransport())).mayHelp?.(event, podInfoOf(using('p', ['c'])))).toBe(
      expected,
    )
  })
})

describe('the scheduler', () => {
  const arrange = () => {
    const arranged = arrangeScheduler()
    const { server } = arranged
    for (const name of ['n1', 'n2']) server.put(refs.nodes, node(name))
    server.put(refs.deviceClasses, deviceClass('gpu', { config: [{ opaque: { driver: 'd', parameters: { a: 1 } } }] }))
    server.put(refs.resourceSlices, slices[0]!)
    const find = (name: string) => server.peek(refs.resourceClaims, name, 'default')
    return { ...arranged, claimOf: find }
  }

  it('writes devices, user and finalizer into a claim before it binds the pod, and gives a device to one only', async () => {
    const { server, clock, nodeOf, condition, claimOf } = arrange()
    server.put(refs.resourceClaims, claim('c', one))
    server.put(refs.resourceClaims, claim('late', one))
    server.put(refs.pods, using('p', ['c']))
    server.put(refs.pods, using('q', ['late']))
    await advance(clock, 3000)
    expect(nodeOf('p')).toBe('n2')
    const uid = server.peek(refs.pods, 'p', 'default')?.metadata.uid
    expect(claimOf('c')?.metadata.finalizers).toEqual(['resource.kubernetes.io/delete-protection'])
    expect(claimOf('c')?.status).toEqual({
      allocation: {
        devices: { results, config: [{ source: 'FromClass', opaque: { driver: 'd', parameters: { a: 1 } } }] },
        nodeSelector: on('n2'),
        allocationTimestamp: '2026-01-01T00:00:00Z',
      },
      reservedFor: [{ resource: 'pods', name: 'p', uid }],
    })
    expect(nodeOf('q')).toBeUndefined()
    expect(condition('q')?.message).toContain(`0/2 nodes are available: 2 ${NONE}.`)
    server.put(refs.resourceClaims, claim('c', one))
    await advance(clock, 12_000)
    expect(nodeOf('q')).toBe('n2')
  })

  it('lets pods share a claim', async () => {
    const { server, clock, nodeOf, claimOf } = arrange()
    server.put(refs.resourceClaims, claim('c', one))
    for (const name of ['p', 'q']) server.put(refs.pods, using(name, ['c']))
    await advance(clock, 12_000)
    expect([nodeOf('p'), nodeOf('q')]).toEqual(['n2', 'n2'])
    expect(claimOf('c')?.status?.reservedFor?.map(({ name }) => name)).toEqual(['p', 'q'])
  })

  it('notes pods that come to share a claim at the same time', async () => {
    const { server, clock, nodeOf, claimOf, warnings } = arrange()
    server.put(refs.resourceClaims, claim('c', one, { allocation: { devices: { results } } }))
    const names = ['p', 'q', 'r', 's', 't']
    for (const name of names) server.put(refs.pods, using(name, ['c']))
    await advance(clock, 500)
    expect(warnings).toEqual([])
    expect(names.filter((name) => nodeOf(name))).toEqual(names)
    expect(
      claimOf('c')
        ?.status?.reservedFor?.map(({ name }) => name)
        .toSorted(),
    ).toEqual(names)
  })

  it('writes a claim anew that others changed meanwhile, up to five times', async () => {
    const { server, clock, nodeOf, warnings } = arrange()
    let refused = 0
    let refuse = 4
    server.intercept = ({ verb, resource }) => {
      if (verb !== 'update' || resource.resource !== 'resourceclaims' || refused === refuse) return undefined
      refused++
      throw new StatusError(409, 'Conflict', 'changed')
    }
    for (const name of ['c', 'd']) {
      server.put(refs.resourceClaims, claim(name, one, { allocation: { devices: { results } } }))
      server.put(refs.pods, using(name, [name]))
      await advance(clock, 100)
      expect([nodeOf(name) !== undefined, refused, warnings.length]).toEqual([
        name === 'c',
        refuse,
        name === 'c' ? 0 : 1,
      ])
      refuse = 9
    }
  })

  it('takes devices back that it could not write, and tries again', async () => {
    const { server, clock, nodeOf } = arrange()
    let refuse = true
    server.intercept = ({ verb, resource, subresource }) => {
      if (refuse && verb === 'update' && resource.resource === 'resourceclaims' && subresource === 'status')
        throw new Error('no')
      return undefined
    }
    server.put(refs.resourceClaims, claim('c', one))
    server.put(refs.pods, using('p', ['c']))
    await advance(clock, 500)
    expect(nodeOf('p')).toBeUndefined()
    refuse = false
    await advance(clock, 12_000)
    expect(nodeOf('p')).toBe('n2')
  })

  it('tries a pod as soon as its claims are made, and says nothing before', async () => {
    const { server, clock, nodeOf, condition } = arrange()
    const waiting = pod('p', { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 't' }] })
    server.put(refs.pods, waiting)
    await advance(clock, 1000)
    expect(condition('p')).toBeUndefined()
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: waiting.metadata.uid, controller: true }]
    server.put(refs.resourceClaims, claim('c', one, {}, { ownerReferences }))
    server.put(refs.pods, { ...waiting, status: { resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: 'c' }] } })
    await advance(clock, 1000)
    expect(nodeOf('p')).toBe('n2')
  })

  it('frees the devices of a claim on a node where the pod cannot be, when nobody else uses them', async () => {
    const { server, clock, nodeOf, condition, claimOf } = arrange()
    const there = { devices: { results: [{ ...results[0], pool: 'gone' }] }, nodeSelector: on('gone') }
    const user = { resource: 'pods', name: 'other', uid: 'other' }
    server.put(refs.resourceClaims, claim('c', one, { allocation: there, reservedFor: [user] }))
    server.put(refs.pods, using('p', ['c']))
    await advance(clock, 100)
    expect(condition('p')?.message).toBe(
      '0/2 nodes are available: 2 resourceclaim not available on the node. still not schedulable, preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.',
    )
    server.put(refs.resourceClaims, claim('c', one, { allocation: there }))
    await advance(clock, 12_000)
    expect(nodeOf('p')).toBe('n2')
    expect(claimOf('c')?.status?.allocation?.devices?.results).toEqual(results)
  })

  it('goes on when devices could not be freed', async () => {
    const { server, clock, warnings, claimOf } = arrange()
    server.intercept = ({ verb, resource }) => {
      if (verb === 'update' && resource.resource === 'resourceclaims') throw new Error('no')
      return undefined
    }
    const there = { devices: { results }, nodeSelector: on('gone') }
    server.put(refs.resourceClaims, claim('c', one, { allocation: there }))
    server.put(refs.pods, using('p', ['c']))
    await advance(clock, 100)
    expect(warnings).toContain('scheduler could not make room {"error":"Error: no"}')
    expect(claimOf('c')?.status?.allocation).toEqual(there)
  })

  it('gives parts of a device to several claims until nothing is left', async () => {
    const { server, clock, nodeOf } = arrange()
    const part = {
      capacity: { memory: { value: '4Gi', requestPolicy: { default: '2Gi' } } },
      allowMultipleAllocations: true,
    }
    server.put(refs.resourceSlices, slice('n2', [device('a', {}, part)]))
    for (const name of ['p', 'q', 'r']) {
      server.put(refs.resourceClaims, claim(name, one))
      server.put(refs.pods, using(name, [name]))
    }
    await advance(clock, 12_000)
    expect(['p', 'q', 'r'].filter((name) => nodeOf(name) === 'n2')).toHaveLength(2)
  })
})
