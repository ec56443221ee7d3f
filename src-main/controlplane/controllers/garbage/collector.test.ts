import { afterEach, beforeEach, expect, describe, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import type { TypedRef } from '../../../../src-kube/client/typed-client.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import type { ObjectLike } from '../../../../src-kube/machinery/meta.ts'
import { controllerReference, ownerReference } from '../../../../src-kube/runtime/owners.ts'
import { harness } from '../testing/harness.ts'

let h = harness([])
beforeEach(async () => {
  h = harness([], { collect: [refs.deployments, refs.replicaSets, refs.configMaps, refs.secrets] })
  await h.start()
})
afterEach(() => {
  h.finish()
})
const put = <T extends ObjectLike>(ref: TypedRef<T>, name: string, ...ownerReferences: object[]) =>
  h.server.put(ref, { metadata: { name, namespace: 'a', ownerReferences } })
const remove = (name: string, propagationPolicy: string) =>
  h.client.resource(refs.deployments).delete(name, 'a', { propagationPolicy })
const there = <T extends ObjectLike>(ref: TypedRef<T>, name: string) => h.server.peek(ref, name, 'a') !== undefined

/** deployment → replica set → config map */
function chain() {
  const deployment = put(refs.deployments, 'd')
  const set = put(refs.replicaSets, 'rs', controllerReference(deployment, refs.deployments))
  put(refs.configMaps, 'c', controllerReference(set, refs.replicaSets))
}

describe('garbage collector', () => {
  it('deletes dependents in the background, level by level', async () => {
    chain()
    await h.settle()
    await remove('d', 'Background')
    expect(there(refs.deployments, 'd')).toBe(false)
    await h.pass(1000)
    expect([there(refs.replicaSets, 'rs'), there(refs.configMaps, 'c')]).toEqual([false, false])
  })

  it('deletes in the foreground from the leaves up', async () => {
    chain()
    h.server.put(refs.configMaps, {
      ...h.server.peek(refs.configMaps, 'c', 'a')!,
      metadata: { ...h.server.peek(refs.configMaps, 'c', 'a')!.metadata, finalizers: ['test/hold'] },
    })
    await h.settle()
    await remove('d', 'Foreground')
    await h.pass(1000)
    expect(h.server.peek(refs.deployments, 'd', 'a')?.metadata.finalizers).toEqual(['foregroundDeletion'])
    expect(h.server.peek(refs.configMaps, 'c', 'a')?.metadata.deletionTimestamp).toBeDefined()
    const held = h.server.peek(refs.configMaps, 'c', 'a')!
    await h.client.resource(refs.configMaps).update({ ...held, metadata: { ...held.metadata, finalizers: [] } })
    await h.pass(1000)
    expect([there(refs.deployments, 'd'), there(refs.replicaSets, 'rs'), there(refs.configMaps, 'c')]).toEqual([
      false,
      false,
      false,
    ])
  })

  it('leaves orphans without their reference', async () => {
    chain()
    await h.settle()
    await remove('d', 'Orphan')
    await h.pass(1000)
    expect(there(refs.deployments, 'd')).toBe(false)
    expect(h.server.peek(refs.replicaSets, 'rs', 'a')?.metadata.ownerReferences).toBeUndefined()
  })

  it('keeps an object while one owner remains and drops the reference to the other', async () => {
    const one = put(refs.deployments, 'one')
    const two = put(refs.deployments, 'two')
    put(refs.configMaps, 'c', ownerReference(one, refs.deployments), ownerReference(two, refs.deployments))
    await h.settle()
    await remove('one', 'Background')
    await h.pass(1000)
    expect(h.server.peek(refs.configMaps, 'c', 'a')?.metadata.ownerReferences?.map((o) => o.name)).toEqual(['two'])
  })

  it('deletes an object whose owner never was, or is another of the same name', async () => {
    put(refs.deployments, 'd')
    const ghost = { metadata: { name: 'd', uid: 'another' } }
    put(refs.configMaps, 'c', ownerReference(ghost, refs.deployments))
    await h.pass(1000)
    expect(there(refs.configMaps, 'c')).toBe(false)
  })

  it('leaves alone what an unknown kind owns', async () => {
    put(refs.configMaps, 'c', { apiVersion: 'example.com/v1', kind: 'Thing', name: 't', uid: 'u' })
    await h.pass(1000)
    expect(there(refs.configMaps, 'c')).toBe(true)
  })

  it('is not blocked by a circle of owners', async () => {
    const block = (owner: { metadata: { name: string; uid: string } }) => controllerReference(owner, refs.configMaps)
    const one = put(refs.configMaps, 'one')
    const two = put(refs.configMaps, 'two', block(one))
    const three = put(refs.configMaps, 'three', block(two))
    h.server.put(refs.configMaps, { ...one, metadata: { ...one.metadata, ownerReferences: [block(three)] } })
    await h.settle()
    await h.client.resource(refs.configMaps).delete('one', 'a', { propagationPolicy: 'Foreground' })
    await h.pass(5000)
    expect(h.server.all(refs.configMaps)).toEqual([])
  })

  it('passes foreground deletion on to dependents of dependents, and only those that block are waited for', async () => {
    const owner = put(refs.deployments, 'd')
    const held = { finalizers: ['test/hold'] }
    const reference = { ...ownerReference(owner, refs.deployments), blockOwnerDeletion: false }
    h.server.put(refs.configMaps, { metadata: { name: 'c', namespace: 'a', ownerReferences: [reference], ...held } })
    await h.settle()
    await remove('d', 'Foreground')
    await h.pass(1000)
    expect(there(refs.deployments, 'd')).toBe(false)
    expect(h.server.peek(refs.configMaps, 'c', 'a')?.metadata.deletionTimestamp).toBeDefined()
  })

  it.each([
    ['orphan', 'Orphan'],
    ['foregroundDeletion', 'Foreground'],
    ['test/hold', 'Background'],
  ])('deletes an object with the finalizer %s by the policy %s', async (finalizer, policy) => {
    const ghost = ownerReference({ metadata: { name: 'd', uid: 'gone' } }, refs.deployments)
    h.server.put(refs.configMaps, {
      metadata: { name: 'c', namespace: 'a', ownerReferences: [ghost], finalizers: [finalizer] },
    })
    await h.settle()
    const call = h.server.calls.find(({ verb, resource }) => verb === 'delete' && resource.resource === 'configmaps')
    expect(call?.body).toMatchObject({ propagationPolicy: policy })
  })

  it('asks the server before it believes that an owner is gone, and tries again when that fails', async () => {
    let failing = true
    h.server.intercept = ({ verb, resource }) => {
      if (failing && verb === 'get' && resource.resource === 'deployments')
        throw new StatusError(500, 'InternalError', 'no')
      return undefined
    }
    const ghost = ownerReference({ metadata: { name: 'd', uid: 'gone' } }, refs.deployments)
    put(refs.configMaps, 'c', ghost)
    await h.pass(1000)
    expect(there(refs.configMaps, 'c')).toBe(true)
    expect(h.warnings[0]).toContain('garbage collection failed')
    h.warnings.length = 0
    failing = false
    await h.pass(20_000)
    expect(there(refs.configMaps, 'c')).toBe(false)
    h.warnings.length = 0
  })

  it('takes an owner of the same name in another namespace for another', async () => {
    const other = h.server.put(refs.deployments, { metadata: { name: 'd', namespace: 'b' } })
    put(refs.configMaps, 'c', ownerReference(other, refs.deployments))
    await h.pass(1000)
    expect(there(refs.configMaps, 'c')).toBe(false)
    const [told] = h.server.all(refs.events)
    expect(told).toMatchObject({
      metadata: { namespace: 'a' },
      involvedObject: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'a', name: 'c' },
      type: 'Warning',
      reason: 'OwnerRefInvalidNamespace',
      message: `ownerRef [apps/v1/Deployment, namespace: a, name: d, uid: ${other.metadata.uid}] does not exist in namespace "a"`,
    })
  })
})
