import { describe, expect, it } from 'vitest'
import { FakeObjects } from '../../admission/testing/arrange.ts'
import type { AccessAttributes } from './auth.ts'
import { nodeAuthorizer } from './node-authorizer.ts'
import { nodeGraph } from './node-graph.ts'

const NO_PATH = "no relationship found between node 'n1' and this object"

const pod = (name: string, nodeName: string | undefined, spec: object = {}, metadata: object = {}) => ({
  metadata: { name, namespace: 'shop', ...metadata },
  spec: { nodeName, containers: [{ name: 'c', image: 'i' }], ...spec },
})

function arrange() {
  const objects = new FakeObjects()
  const authorize = nodeAuthorizer(nodeGraph(objects), objects)
  const ask = async (verb: string, what: string, name = '', more: Partial<AccessAttributes> = {}) => {
    const [resource = '', subresource = ''] = what.split('/')
    const user = { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] }
    const attributes = {
      user,
      verb,
      group: '',
      version: 'v1',
      resource,
      subresource,
      namespace: 'shop',
      name,
      path: '',
    }
    return authorize({ ...attributes, ...more })
  }
  return { objects, ask }
}

const mounts = (name: string) => ({ volumes: [{ name: 'v', secret: { secretName: name } }] })

describe('what a node may read', () => {
  it('reads a secret that a pod bound to it mounts', async () => {
    const { objects, ask } = arrange()
    objects.put('', 'pods', pod('p', 'n1', mounts('s')))
    expect(await ask('get', 'secrets', 's')).toEqual({ allowed: true })
    expect(await ask('watch', 'secrets', 's')).toEqual({ allowed: true })
  })

  it('reads no secret of pods of other nodes, of unbound pods, or of a name alike in another namespace', async () => {
    const { objects, ask } = arrange()
    objects.put('', 'pods', pod('other', 'n2', mounts('theirs')))
    objects.put('', 'pods', pod('unbound', undefined, mounts('pending')))
    objects.put('', 'pods', pod('mine', 'n1', mounts('s')))
    expect(await ask('get', 'secrets', 'theirs')).toEqual({ allowed: false, reason: NO_PATH })
    expect(await ask('get', 'secrets', 'pending')).toEqual({ allowed: false, reason: NO_PATH })
    expect(await ask('get', 'secrets', 's', { namespace: 'kube-system' })).toEqual({ allowed: false, reason: NO_PATH })
  })

  it('may read once the pod is bound, and no more when the last pod that needs it is gone', async () => {
    const { objects, ask } = arrange()
    objects.put('', 'pods', pod('a', undefined, mounts('s')))
    expect((await ask('get', 'secrets', 's')).allowed).toBe(false)
    objects.put('', 'pods', pod('a', 'n1', mounts('s')))
    objects.put('', 'pods', pod('b', 'n1', mounts('s')))
    objects.remove('', 'pods', 'shop', 'a')
    expect((await ask('get', 'secrets', 's')).allowed).toBe(true)
    objects.remove('', 'pods', 'shop', 'b')
    expect((await ask('get', 'secrets', 's')).allowed).toBe(false)
  })

  it.each([
    ['secrets', 'env', { containers: [{ env: [{ valueFrom: { secretKeyRef: { name: 'env' } } }] }] }],
    ['secrets', 'from', { containers: [], initContainers: [{ envFrom: [{ secretRef: { name: 'from' } }] }] }],
    ['secrets', 'pull', { imagePullSecrets: [{ name: 'pull' }] }],
    ['secrets', 'proj', { volumes: [{ projected: { sources: [{ secret: { name: 'proj' } }] } }] }],
    ['secrets', 'csi', { volumes: [{ csi: { nodePublishSecretRef: { name: 'csi' } } }] }],
    ['configmaps', 'cm', { volumes: [{ configMap: { name: 'cm' } }] }],
    ['configmaps', 'key', { containers: [{ env: [{ valueFrom: { configMapKeyRef: { name: 'key' } } }] }] }],
    ['persistentvolumeclaims', 'data', { volumes: [{ persistentVolumeClaim: { claimName: 'data' } }] }],
    ['persistentvolumeclaims', 'p-scratch', { volumes: [{ name: 'scratch', ephemeral: {} }] }],
    ['serviceaccounts', 'default', {}],
  ])('finds %s %s from the pod', async (resource, name, spec) => {
    const { objects, ask } = arrange()
    objects.put('', 'pods', pod('p', 'n1', spec))
    expect(await ask('get', resource, name)).toEqual({ allowed: true })
    expect((await ask('get', resource, `${name}-other`)).reason).toBe(NO_PATH)
  })

  it('reads a volume, and the secrets of it, over the claim that a pod mounts', async () => {
    const { objects, ask } = arrange()
    const claimRef = { namespace: 'shop', name: 'data' }
    const csi = { nodeStageSecretRef: { namespace: 'storage', name: 'stage' } }
    objects.put('', 'persistentvolumes', { metadata: { name: 'pv' }, spec: { claimRef, csi } })
    objects.put('', 'pods', pod('p', 'n2', { volumes: [{ persistentVolumeClaim: { claimName: 'data' } }] }))
    expect((await ask('get', 'persistentvolumes', 'pv', { namespace: '' })).allowed).toBe(false)
    objects.put('', 'pods', pod('q', 'n1', { volumes: [{ persistentVolumeClaim: { claimName: 'data' } }] }))
    expect((await ask('get', 'persistentvolumes', 'pv', { namespace: '' })).allowed).toBe(true)
    expect((await ask('get', 'secrets', 'stage', { namespace: 'storage' })).allowed).toBe(true)
  })

  it('gains nothing from a mirror pod it makes itself', async () => {
    const { objects, ask } = arrange()
    const annotations = { 'kubernetes.io/config.mirror': 'x' }
    objects.put('', 'pods', pod('p', 'n1', mounts('s'), { annotations }))
    expect((await ask('get', 'secrets', 's')).reason).toBe(NO_PATH)
    expect((await ask('get', 'pods', 'p')).allowed).toBe(true)
  })

  it('lists no secrets, and asks for one only in its own verbs', async () => {
    const { objects, ask } = arrange()
    objects.put('', 'pods', pod('p', 'n1', mounts('s')))
    expect((await ask('list', 'secrets')).reason).toBe('No Object name found')
    expect((await ask('list', 'secrets', '', { namespace: '' })).reason).toBe(
      'can only read namespaced object of this type',
    )
    expect((await ask('delete', 'secrets', 's')).reason).toBe('can only read resources of this type')
    expect((await ask('list', 'persistentvolumes', 'x')).reason).toBe('can only get individual resources of this type')
  })

  it('reads pods bound to it, those of others only as far as nobody looked at the selector', async () => {
    const { objects, ask } = arrange()
    objects.put('', 'pods', pod('theirs', 'n2'))
    expect((await ask('get', 'pods', 'theirs')).reason).toBe(NO_PATH)
    expect((await ask('list', 'pods', '', { fieldSelector: 'spec.nodeName=n1' })).allowed).toBe(true)
    expect((await ask('list', 'pods', '', { fieldSelector: 'spec.nodeName=n2' })).allowed).toBe(false)
    expect((await ask('list', 'pods', '', { fieldSelector: '' })).allowed).toBe(false)
  })
})

describe('what a node may do for certificates of pods', () => {
  const group = 'certificates.k8s.io'

  it('asks, and reads what was asked for its own pods', async () => {
    const { objects, ask } = arrange()
    const put = (name: string, nodeName: string) =>
      objects.put(group, 'podcertificaterequests', { metadata: { name, namespace: 'shop' }, spec: { nodeName } })
    put('mine', 'n1')
    put('theirs', 'n2')
    const may = async (verb: string, name = '', more: object = {}) =>
      ask(verb, 'podcertificaterequests', name, { group, ...more })
    expect(await may('create')).toEqual({ allowed: true })
    expect(await may('get', 'mine')).toEqual({ allowed: true })
    for (const name of ['theirs', 'gone']) expect((await may('get', name)).reason).toBe(NO_PATH)
    expect(await may('watch', '', { fieldSelector: 'spec.nodeName=n1' })).toEqual({ allowed: true })
    for (const fieldSelector of ['spec.nodeName=n2', '', undefined])
      expect((await may('list', '', { fieldSelector })).reason).toBe(
        'can only list/watch podcertificaterequests with spec.nodeName field selector set to itself',
      )
    expect((await may('delete', 'mine')).reason).toBe('can only create, get, list, or watch PodCertificateRequests')
    expect((await ask('update', 'podcertificaterequests/status', 'mine', { group })).allowed).toBe(false)
  })

  it('reads whom the cluster trusts', async () => {
    const { ask } = arrange()
    expect((await ask('list', 'clustertrustbundles', '', { group, namespace: '' })).allowed).toBe(true)
    expect((await ask('create', 'clustertrustbundles', '', { group, namespace: '' })).allowed).toBe(false)
  })
})

describe('what a node may do for devices', () => {
  const group = 'resource.k8s.io'

  it('reads claims that its pods name, have had made for them, and use for extended resources', async () => {
    const { objects, ask } = arrange()
    const resourceClaims = [
      { name: 'a', resourceClaimName: 'shared' },
      { name: 'b', resourceClaimTemplateName: 't' },
    ]
    objects.put('', 'pods', pod('p', 'n1', { resourceClaims }))
    const may = async (name: string) => (await ask('get', 'resourceclaims', name, { group })).allowed
    expect([await may('shared'), await may('p-b-x'), await may('p-ext')]).toEqual([true, false, false])
    const status = {
      resourceClaimStatuses: [{ name: 'b', resourceClaimName: 'p-b-x' }],
      extendedResourceClaimStatus: { resourceClaimName: 'p-ext', requestMappings: [] },
    }
    objects.put('', 'pods', { ...pod('p', 'n1', { resourceClaims }), status })
    expect([await may('shared'), await may('p-b-x'), await may('p-ext')]).toEqual([true, true, true])
    expect((await ask('list', 'resourceclaims', '', { group })).reason).toBe(
      'can only get individual resources of this type',
    )
    expect((await ask('get', 'resourceclaims/status', 'shared', { group })).reason).toBe('cannot get subresource')
    objects.remove('', 'pods', 'shop', 'p')
    expect(await may('shared')).toBe(false)
  })

  it('publishes slices of its own devices, and clears them away', async () => {
    const { objects, ask } = arrange()
    const put = (name: string, nodeName: string) =>
      objects.put(group, 'resourceslices', { metadata: { name }, spec: { nodeName } })
    put('mine', 'n1')
    put('theirs', 'n2')
    const may = (verb: string, name = '', more: object = {}) =>
      ask(verb, 'resourceslices', name, { group, namespace: '', ...more })
    expect(await may('create')).toEqual({ allowed: true })
    for (const verb of ['get', 'update', 'patch', 'delete']) {
      expect(await may(verb, 'mine')).toEqual({ allowed: true })
      expect((await may(verb, 'theirs')).reason).toBe(NO_PATH)
    }
    const own = { fieldSelector: 'spec.nodeName=n1,spec.driver=gpu.example.com' }
    for (const verb of ['list', 'watch', 'deletecollection']) {
      expect(await may(verb, '', own)).toEqual({ allowed: true })
      expect((await may(verb)).reason).toContain('with spec.nodeName field selector set to itself')
    }
    expect((await ask('update', 'resourceslices/status', 'mine', { group })).reason).toBe(
      'cannot authorize ResourceSlice subresources',
    )
  })
})

describe('what is a node its own', () => {
  const lease = { group: 'coordination.k8s.io', namespace: 'kube-node-lease' }

  it('uses the lease of its own name only, in one namespace', async () => {
    const { ask } = arrange()
    expect((await ask('update', 'leases', 'n1', lease)).allowed).toBe(true)
    expect((await ask('update', 'leases', 'n2', lease)).reason).toBe(
      'can only access node lease with the same name as the requesting node',
    )
    expect((await ask('update', 'leases', 'n1', { ...lease, namespace: 'default' })).reason).toBe(
      'can only access leases in the "kube-node-lease" system namespace',
    )
    expect((await ask('list', 'leases', '', lease)).allowed).toBe(false)
  })

  it('uses the CSINode of its own name only', async () => {
    const { ask } = arrange()
    const storage = { group: 'storage.k8s.io', namespace: '' }
    expect((await ask('patch', 'csinodes', 'n1', storage)).allowed).toBe(true)
    expect((await ask('patch', 'csinodes', 'n2', storage)).allowed).toBe(false)
  })

  it('writes the status of its own node only', async () => {
    const { ask } = arrange()
    expect((await ask('patch', 'nodes/status', 'n1', { namespace: '' })).allowed).toBe(true)
    expect((await ask('patch', 'nodes/status', 'n2', { namespace: '' })).allowed).toBe(false)
    expect((await ask('delete', 'nodes', 'n1', { namespace: '' })).allowed).toBe(false)
  })

  it('asks for tokens of accounts that its pods run as', async () => {
    const { objects, ask } = arrange()
    objects.put('', 'pods', pod('p', 'n1', { serviceAccountName: 'till' }))
    expect((await ask('create', 'serviceaccounts/token', 'till')).allowed).toBe(true)
    expect((await ask('create', 'serviceaccounts/token', 'admin')).reason).toBe(NO_PATH)
  })

  it('means the resource of its own group: another group of the same plural is refused', async () => {
    const { ask } = arrange()
    expect((await ask('get', 'services', 's', { group: 'example.com' })).allowed).toBe(false)
    expect((await ask('get', 'services/proxy', 's')).allowed).toBe(false)
  })

  it('is nothing to users that only look like a node', async () => {
    const { ask } = arrange()
    const user = { name: 'system:node:n1', groups: ['system:authenticated'] }
    expect((await ask('get', 'services', 's', { user })).allowed).toBe(false)
  })
})

it('answers from the index: pods are listed once', async () => {
  const { objects, ask } = arrange()
  objects.put('', 'pods', pod('p', 'n1', mounts('s')))
  for (let i = 0; i < 5; i++) await ask('get', 'secrets', 's')
  expect(objects.lists).toBe(1)
})
