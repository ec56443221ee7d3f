import type { ResourceClaim } from '#types/resource.k8s.io/v1'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { harness } from '../testing/harness.ts'
import { resourceClaimGenerator } from './generate.ts'
import { resourceClaimRelease } from './release.ts'

let h = harness([])
const devices = {
  requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 } }],
}
const allocation = { devices: { results: [{ request: 'gpu', driver: 'd', pool: 'p', device: 'x' }] } }
const finalizers = ['resource.kubernetes.io/delete-protection']
const entries = [{ name: 'gpu', resourceClaimTemplateName: 't' }]

const template = (name = 't') =>
  h.server.put(refs.resourceClaimTemplates, {
    metadata: { name, namespace: 'a' },
    spec: { metadata: { labels: { l: '1' }, annotations: { n: '2' } }, spec: { devices } },
  })
const pod = ({ resourceClaims = entries as object[], metadata = {}, spec = {}, status = {} } = {}) =>
  h.server.put(refs.pods, {
    metadata: { name: 'p', namespace: 'a', ...metadata },
    spec: { containers: [], resourceClaims, ...spec },
    status,
  })
const claim = (status: object, metadata: object = {}) =>
  h.server.put(refs.resourceClaims, { metadata: { name: 'c', namespace: 'a', ...metadata }, spec: { devices }, status })
const claims = () => h.server.all(refs.resourceClaims)
const current = (): ResourceClaim | undefined => h.server.peek(refs.resourceClaims, 'c', 'a')
const consumer = (of: { metadata: { uid: string } }) => ({ resource: 'pods', name: 'p', uid: of.metadata.uid })
const statuses = () => h.server.peek(refs.pods, 'p', 'a')?.status?.resourceClaimStatuses

beforeEach(async () => {
  h = harness([resourceClaimGenerator(), resourceClaimRelease()])
  await h.start()
})
afterEach(() => h.finish())

describe('a pod with a template for its claim', () => {
  it('gets a claim of its own, and is told its name', async () => {
    template()
    const { metadata } = pod()
    await h.pass(100)
    expect(claims()).toMatchObject([
      {
        metadata: {
          generateName: 'p-gpu-',
          labels: { l: '1' },
          annotations: { n: '2', 'resource.kubernetes.io/pod-claim-name': 'gpu' },
          ownerReferences: [{ kind: 'Pod', name: 'p', uid: metadata.uid, controller: true, blockOwnerDeletion: true }],
        },
        spec: { devices },
      },
    ])
    expect(statuses()).toEqual([{ name: 'gpu', resourceClaimName: claims()[0]?.metadata.name }])
    expect(
      h.server.calls.filter(({ verb, resource }) => verb === 'create' && resource.resource === 'resourceclaims'),
    ).toHaveLength(1)
  })

  it('hears why none can be made, and gets it when the template is there', async () => {
    pod()
    await h.pass(100)
    expect(h.eventMessages()).toContain(
      'PodResourceClaim gpu: resource claim template "t": resourceclaimtemplate.resource.k8s.io "t" not found',
    )
    expect(h.eventReasons()).toContain('FailedResourceClaimCreation')
    expect(h.warnings.splice(0)).not.toEqual([])
    template()
    await h.pass(100)
    expect(statuses()).toHaveLength(1)
  })

  it('is told of the claim that was made before it could be told', async () => {
    const { metadata } = pod({ resourceClaims: [] })
    const reference = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: metadata.uid, controller: true }
    claim({}, { ownerReferences: [reference], annotations: { 'resource.kubernetes.io/pod-claim-name': 'gpu' } })
    pod({ metadata: { uid: metadata.uid } })
    await h.pass(100)
    expect(statuses()).toEqual([{ name: 'gpu', resourceClaimName: 'c' }])
  })

  it('gets another when its claim is gone, and does not take one of somebody else', async () => {
    template()
    pod()
    await h.pass(100)
    const [first] = claims()
    h.server.remove(refs.resourceClaims, first!.metadata.name, 'a')
    await h.pass(100)
    expect(claims()).toHaveLength(1)
    expect(claims()[0]?.metadata.name).not.toBe(first?.metadata.name)
    claim({})
    pod({ metadata: { name: 'q' }, status: { resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: 'c' }] } })
    await h.pass(100)
    expect(h.eventMessages()).toContain(
      'PodResourceClaim gpu: ResourceClaim a/c was not created for pod a/q (pod is not owner)',
    )
    expect(h.warnings.splice(0)).not.toEqual([])
  })

  it('gets none while it goes, has ended, names a claim, or needs none', async () => {
    template()
    pod({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })
    pod({ metadata: { name: 'ended' }, status: { phase: 'Succeeded' } })
    pod({ metadata: { name: 'named' }, resourceClaims: [{ name: 'gpu', resourceClaimName: 'c' }] })
    pod({ metadata: { name: 'none' }, status: { resourceClaimStatuses: [{ name: 'gpu' }] } })
    await h.pass(100)
    expect(claims()).toEqual([])
  })

  it('makes no noise in a namespace that ends', async () => {
    template()
    h.server.intercept = ({ verb, resource }) => {
      if (verb !== 'create' || resource.resource !== 'resourceclaims') return undefined
      const details = { causes: [{ reason: 'NamespaceTerminating', message: '' }] }
      throw new StatusError(403, 'Forbidden', 'ends', details)
    }
    pod()
    await h.pass(100)
    expect(h.eventReasons()).toEqual([])
  })
})

it('a pod that was bound by hand is noted with the claim it uses, once it is allocated', async () => {
  claim({ allocation })
  const { metadata } = pod({ resourceClaims: [{ name: 'gpu', resourceClaimName: 'c' }], spec: { nodeName: 'n1' } })
  await h.pass(100)
  expect(current()?.status?.reservedFor).toEqual([{ resource: 'pods', name: 'p', uid: metadata.uid }])
})

describe('a claim that pods used', () => {
  it('gives its devices back when the last of them has ended', async () => {
    const using = pod({ resourceClaims: [{ name: 'gpu', resourceClaimName: 'c' }] })
    claim(
      { allocation, devices: [{ driver: 'd', pool: 'p', device: 'x' }], reservedFor: [consumer(using)] },
      { finalizers },
    )
    await h.pass(100)
    expect(current()?.status?.allocation).toEqual(allocation)
    h.server.put(refs.pods, { ...using, status: { phase: 'Succeeded' } })
    await h.pass(100)
    expect(current()?.status).toEqual({})
    expect(current()?.metadata.finalizers ?? []).toEqual([])
  })

  it('gives them back too when they stood for extended resources', async () => {
    const status = { extendedResourceClaimStatus: { resourceClaimName: 'c', requestMappings: [] } }
    const using = pod({ resourceClaims: [], status })
    claim({ allocation, reservedFor: [consumer(using)] }, { finalizers })
    await h.pass(100)
    expect(current()?.status?.allocation).toEqual(allocation)
    h.server.put(refs.pods, { ...using, status: { ...status, phase: 'Succeeded' } })
    await h.pass(100)
    expect(current()?.status).toEqual({})
  })

  it('keeps them for those that run, and for who is no pod', async () => {
    const using = pod({ resourceClaims: [{ name: 'gpu', resourceClaimName: 'c' }], spec: { nodeName: 'n1' } })
    const other = { apiGroup: 'x.dev', resource: 'jobs', name: 'j', uid: 'u' }
    claim(
      { allocation, reservedFor: [consumer(using), { resource: 'pods', name: 'gone', uid: 'g' }, other] },
      { finalizers },
    )
    await h.pass(100)
    expect(current()?.status).toEqual({ allocation, reservedFor: [consumer(using), other] })
    h.server.remove(refs.pods, 'p', 'a')
    await h.pass(100)
    expect(current()?.status).toEqual({ allocation, reservedFor: [other] })
  })

  it('lets go when it is deleted and nobody uses it', async () => {
    claim({ allocation }, { finalizers, deletionTimestamp: '2026-01-01T00:00:00Z' })
    await h.pass(100)
    expect(current()?.metadata.finalizers ?? []).toEqual([])
  })

  it('stays as it is while the scheduler is about to allocate it', async () => {
    claim({}, { finalizers })
    await h.pass(100)
    expect(current()?.metadata.finalizers).toEqual(finalizers)
  })

  it('is deleted when it was made for a pod that runs no more', async () => {
    const owner = (uid: string) => ({
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid, controller: true }],
    })
    const { metadata } = pod({ resourceClaims: [] })
    claim({}, owner(metadata.uid))
    claim({}, { name: 'left', ...owner('another') })
    claim(
      {},
      {
        name: 'own',
        ownerReferences: [{ apiVersion: 'x.dev/v1', kind: 'Job', name: 'j', uid: 'j', controller: true }],
      },
    )
    await h.pass(100)
    expect(
      claims()
        .map((one) => one.metadata.name)
        .sort(),
    ).toEqual(['c', 'own'])
  })
})
