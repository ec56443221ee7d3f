import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { harness } from '../testing/harness.ts'
import { CLEANUP_FINALIZER, customResourceCleanup } from './cleanup.ts'

let h = harness([])
beforeEach(async () => {
  h = harness([customResourceCleanup()])
  await h.start()
})
afterEach(() => h.finish())

const ref = refs.customResourceDefinitions
const tools = { group: 'example.com', version: 'v1', resource: 'tools', kind: 'Tool', namespaced: true }
const established = { type: 'Established', status: 'True' }
const NAME = 'tools.example.com'

const put = (conditions: object[] = [established], served = true) =>
  h.server.put(ref, {
    metadata: { name: NAME, finalizers: [CLEANUP_FINALIZER], deletionTimestamp: '2026-01-01T00:00:00Z' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'tools', kind: 'Tool' },
      versions: [{ name: 'v1', served, storage: true }],
    },
    status: { conditions, storedVersions: ['v1'] },
  })
const instance = (namespace: string, finalizers: string[] = []) =>
  h.server.put(tools, { metadata: { name: 'a', namespace, finalizers } })
const terminating = () => h.server.peek(ref, NAME)?.status?.conditions?.find(({ type }) => type === 'Terminating')

describe('a definition that is being deleted', () => {
  it('takes its instances in all namespaces with it', async () => {
    instance('x')
    instance('y')
    put()
    await h.settle()
    expect(h.server.all(tools)).toEqual([])
    expect(h.server.peek(ref, NAME)).toBeUndefined()
  })

  it('takes them with it as well when it serves no version, which may take a moment to be reached', async () => {
    h.server.intercept = ({ verb }) => {
      if (verb === 'deletecollection') throw new StatusError(404, 'NotFound', 'not yet')
      return undefined
    }
    instance('x')
    put([established], false)
    await h.settle()
    expect(h.server.peek(ref, NAME)).toBeDefined()
    h.server.intercept = undefined
    await h.pass(2_000)
    expect(h.server.all(tools)).toEqual([])
    expect(h.server.peek(ref, NAME)).toBeUndefined()
  })

  it('waits for instances that finalizers hold', async () => {
    instance('x', ['a.io/b'])
    put()
    await h.settle()
    expect(terminating()).toMatchObject({
      status: 'True',
      reason: 'InstanceDeletionInProgress',
      message: 'CustomResource deletion is in progress',
    })
    h.server.remove(tools, 'a', 'x')
    await h.pass(2_000)
    expect(h.server.peek(ref, NAME)).toBeUndefined()
  })

  it.each([
    ['never was established', [], true],
    ['serves no version', [established], false],
  ])('goes at once when it %s', async (_, conditions, served) => {
    put(conditions, served)
    await h.settle()
    expect(h.server.peek(ref, NAME)).toBeUndefined()
  })

  it('leaves alone what is built in', async () => {
    h.server.put(refs.deployments, { metadata: { name: 'a', namespace: 'x' } })
    const crd = put()
    const names = { plural: 'deployments', kind: 'Deployment' }
    h.server.put(ref, { ...crd, spec: { ...crd.spec, group: 'apps', names } })
    await h.settle()
    expect(h.server.all(refs.deployments)).toHaveLength(1)
  })

  it('goes when its resource is served no more', async () => {
    h.server.intercept = ({ verb }) => {
      if (verb === 'deletecollection') throw new StatusError(404, 'NotFound', 'gone')
      return undefined
    }
    put()
    await h.settle()
    expect(h.server.peek(ref, NAME)).toBeUndefined()
  })

  it('says what went wrong, and tries again', async () => {
    h.server.intercept = ({ verb }) => {
      if (verb === 'deletecollection') throw new StatusError(500, 'InternalError', 'no luck')
      return undefined
    }
    put()
    await h.settle()
    expect(terminating()).toMatchObject({
      reason: 'InstanceDeletionFailed',
      message: 'could not issue all deletes: no luck',
    })
    h.server.intercept = undefined
    await h.pass(5_000)
    expect(h.server.peek(ref, NAME)).toBeUndefined()
    h.warnings.length = 0
  })
})
