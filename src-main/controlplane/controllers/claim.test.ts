import { describe, expect, it, beforeEach } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { StatusError } from '../../../src-kube/machinery/errors.ts'
import { controllerReference } from '../../../src-kube/runtime/owners.ts'
import { replicaSetController } from './replica-set.ts'
import { harness } from './testing/harness.ts'

const labels = { app: 'web' }
let h = harness([])
beforeEach(async () => {
  h = harness([replicaSetController()])
  await h.start()
})
const set = (replicas: number) =>
  h.server.put(refs.replicaSets, {
    metadata: { name: 'web', namespace: 'a' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [] } },
    },
  })
const stray = (name: string, more: object = {}) =>
  h.server.put(refs.pods, { metadata: { name, namespace: 'a', labels, ...more }, spec: { containers: [] } })
const owners = (name: string) =>
  h.server.peek(refs.pods, name, 'a')?.metadata.ownerReferences?.map((owner) => owner.name) ?? []
const patches = () => h.server.calls.filter(({ verb, resource }) => verb === 'patch' && resource.resource === 'pods')

// kubernetes.io, "ReplicaSet: Non-Template Pod acquisitions".
describe('pods of a selector', () => {
  it('that nobody controls are adopted', async () => {
    stray('a')
    set(1)
    await h.pass(1000)
    expect(owners('a')).toEqual(['web'])
  })

  it.each([
    ['that another controls', { ownerReferences: [{ ...controllerOf('other', 'u2'), controller: true }] }],
    ['that are going away', { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['test/hold'] }],
    ['of other labels', { labels: { app: 'other' } }],
    ['of another namespace', { namespace: 'b' }],
  ])('%s are left alone', async (_what, more) => {
    stray('a', more)
    set(0)
    await h.pass(1000)
    expect(patches()).toEqual([])
  })

  it('are not adopted by a set that was replaced by another of its name meanwhile', async () => {
    const first = set(0)
    await h.pass(1000)
    h.server.intercept = ({ verb, resource }) =>
      verb === 'get' && resource.resource === 'replicasets'
        ? { ...first, metadata: { ...first.metadata, uid: 'another' } }
        : undefined
    stray('a')
    await h.pass(1000)
    expect(owners('a')).toEqual([])
  })

  it('that vanish in the middle of the adoption do no harm', async () => {
    h.server.intercept = ({ verb, resource }) => {
      if (verb === 'patch' && resource.resource === 'pods') throw new StatusError(404, 'NotFound', 'pods "a" not found')
      return undefined
    }
    stray('a')
    set(1)
    await h.pass(1000)
    expect(h.pods().filter(({ metadata }) => metadata.name !== 'a')).toHaveLength(1)
    h.finish()
  })

  it('whose labels no longer match are released, but not by a set that is going away', async () => {
    const owner = h.server.put(refs.replicaSets, {
      ...set(0),
      metadata: { name: 'web', namespace: 'a', finalizers: ['test/hold'] },
    })
    await h.client.resource(refs.replicaSets).delete('web', 'a')
    await h.settle()
    stray('a', { labels: { app: 'other' }, ownerReferences: [controllerReference(owner, refs.replicaSets)] })
    await h.pass(1000)
    expect(patches()).toEqual([])
  })

  it('are tried again when the server refuses the adoption', async () => {
    let refuse = true
    h.server.intercept = ({ verb, resource }) => {
      if (refuse && verb === 'patch' && resource.resource === 'pods') throw new StatusError(500, 'InternalError', 'no')
      return undefined
    }
    stray('a')
    set(1)
    await h.pass(100)
    expect(owners('a')).toEqual([])
    refuse = false
    await h.pass(5000)
    expect(owners('a')).toEqual(['web'])
  })
})

function controllerOf(name: string, uid: string) {
  return { apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid }
}
