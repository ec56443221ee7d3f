import { describe, expect, it } from 'vitest'
import type { AdmissionAttributes } from '../admission.ts'
import { attributes, FakeObjects, run } from '../testing/arrange.ts'
import { nodeRestriction } from './node-restriction.ts'

const user = { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] }
const objects = new FakeObjects()
const write = (kind: string, object: object | undefined, more: object = {}, group = '') =>
  run([nodeRestriction(objects)], attributes(group, kind, object, { user, ...(more as Partial<AdmissionAttributes>) }))

const token = { volumes: [{ projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }] }
const pod = (name: string, nodeName: string, spec: object = {}, metadata: object = {}) => ({
  metadata: { name, namespace: 'shop', uid: `uid-${name}`, ...metadata },
  spec: { nodeName, containers: [{ name: 'c', image: 'i' }], ...spec },
})
objects.put('', 'pods', pod('mine', 'n1', token))
objects.put('', 'pods', pod('theirs', 'n2', token))

describe('tokens', () => {
  const ask = (boundObjectRef?: object, audiences: string[] = []) =>
    write(
      'ServiceAccount',
      { metadata: { name: '' }, spec: { boundObjectRef, audiences } },
      { subresource: 'token', namespace: 'shop', name: 'till' },
    ).catch((error: unknown) => (error as Error).message)
  const to = (name: string) => ({ kind: 'Pod', apiVersion: 'v1', name, uid: `uid-${name}` })

  it.each([
    ['not bound', undefined, 'node requested token not bound to a pod'],
    ['bound to a secret', { kind: 'Secret', name: 's', uid: 'u' }, 'node requested token not bound to a pod'],
    ['bound without a uid', { kind: 'Pod', name: 'mine' }, 'node requested token with a pod binding without a uid'],
    ['of a pod elsewhere', to('theirs'), 'node requested token bound to a pod scheduled on a different node'],
  ])('are refused when %s', async (_, ref, words) => {
    expect(await ask(ref)).toBe(`serviceaccounts "till" is forbidden: ${words}`)
  })

  it('are refused for another pod of the same name and for audiences the pod does not name', async () => {
    expect(await ask({ ...to('mine'), uid: 'old' })).toContain('does not match the UID in record')
    expect(await ask(to('mine'), ['vault'])).toContain('audience "vault" not found in pod spec volume')
    expect(await ask(to('gone'))).toBe('pods "gone" not found')
  })

  it('are given for pods bound to it', async () => {
    expect(await ask(to('mine'))).toBeUndefined()
  })
})

describe('pods', () => {
  const mirror = { annotations: { 'kubernetes.io/config.mirror': 'x' } }

  it('makes mirror pods of its own that refer to nothing', async () => {
    await expect(write('Pod', pod('m', 'n1', {}, mirror))).resolves.toBeUndefined()
    for (const [made, words] of [
      [pod('m', 'n1'), 'node "n1" can only create mirror pods'],
      [pod('m', 'n2', {}, mirror), 'node "n1" can only create pods with spec.nodeName set to itself'],
      [pod('m', 'n1', { serviceAccountName: 'x' }, mirror), 'can not create pods that reference a service account'],
      [pod('m', 'n1', { imagePullSecrets: [{ name: 's' }] }, mirror), 'can not create pods that reference secrets'],
      [pod('m', 'n1', { volumes: [{ configMap: {} }] }, mirror), 'can not create pods that reference configmaps'],
    ] as const)
      await expect(write('Pod', made)).rejects.toThrow(words)
  })

  it('writes the status of and deletes pods bound to it only', async () => {
    const old = (name: string, node: string) => ({
      operation: 'UPDATE',
      subresource: 'status',
      oldObject: pod(name, node),
    })
    await expect(write('Pod', pod('mine', 'n1'), old('mine', 'n1'))).resolves.toBeUndefined()
    await expect(write('Pod', pod('theirs', 'n2'), old('theirs', 'n2'))).rejects.toThrow(
      'node "n1" can only update pod status for pods with spec.nodeName set to itself',
    )
    await expect(write('Pod', pod('mine', 'n1', {}, { labels: { a: 'b' } }), old('mine', 'n1'))).rejects.toThrow(
      'node "n1" cannot update labels through pod status',
    )
    await expect(write('Pod', undefined, { operation: 'DELETE', oldObject: pod('theirs', 'n2') })).rejects.toThrow(
      'node "n1" can only delete pods with spec.nodeName set to itself',
    )
  })
})

describe('its node', () => {
  const node = (name: string, labels: object = {}, taints: object[] = []) => ({
    metadata: { name, labels },
    spec: { taints },
  })
  const update = (now: object, before: object) => write('Node', now, { operation: 'UPDATE', oldObject: before })

  it('is the only one it writes', async () => {
    await expect(write('Node', node('n1', { 'kubernetes.io/hostname': 'n1' }))).resolves.toBeUndefined()
    await expect(write('Node', node('n2'))).rejects.toThrow('node "n1" is not allowed to modify node "n2"')
  })

  it('is owned by whom others say', async () => {
    const owned = (name: string) => ({
      ...node('n1'),
      metadata: { name: 'n1', ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: 'u' }] },
    })
    await expect(update(owned('a'), node('n1'))).rejects.toThrow('is not allowed to modify ownerReferences')
    await expect(update(node('n1'), owned('a'))).rejects.toThrow('is not allowed to modify ownerReferences')
    await expect(update(owned('a'), owned('a'))).resolves.toBeUndefined()
  })

  it('keeps its taints and the labels that others isolate it with', async () => {
    await expect(update(node('n1'), node('n1', {}, [{ key: 'k' }]))).rejects.toThrow('is not allowed to modify taints')
    const restricted = { 'team.node-restriction.kubernetes.io/x': 'y' }
    await expect(update(node('n1', restricted), node('n1'))).rejects.toThrow('modify labels: team.node-restriction')
    await expect(update(node('n1'), node('n1', restricted))).rejects.toThrow('modify labels')
    await expect(update(node('n1', { 'node-role.kubernetes.io/x': '' }), node('n1'))).rejects.toThrow('modify labels')
    await expect(update(node('n1', { 'example.com/x': '' }), node('n1'))).resolves.toBeUndefined()
  })
})

describe('slices of devices', () => {
  const slice = (nodeName: string) => ({ metadata: { name: 's' }, spec: { nodeName, driver: 'gpu.example.com' } })
  const send = (object: object | undefined, more: object = {}) =>
    write('ResourceSlice', object, more, 'resource.k8s.io')

  it('are of its own devices, those that go in one request too', async () => {
    await expect(send(slice('n1'))).resolves.toBeUndefined()
    await expect(send(slice('n2'))).rejects.toThrow(
      'can only create ResourceSlice with the same NodeName as the requesting node',
    )
    const gone = (nodeName: string) => send(undefined, { operation: 'DELETE', oldObject: slice(nodeName) })
    await expect(gone('n1')).resolves.toBeUndefined()
    await expect(gone('n2')).rejects.toThrow(
      'can only delete ResourceSlice with the same NodeName as the requesting node',
    )
  })
})
