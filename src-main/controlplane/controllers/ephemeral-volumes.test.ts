import { afterEach, beforeEach, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { StatusError } from '../../../src-kube/machinery/errors.ts'
import { ephemeralVolumeController } from './ephemeral-volumes.ts'
import { harness } from './testing/harness.ts'

let h = harness([])
const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
const volumeClaimTemplate = { metadata: { labels: { a: 'b' }, annotations: { c: 'd' } }, spec }
const pod = (volumes: object[] = [{ name: 'scratch', ephemeral: { volumeClaimTemplate } }], more: object = {}) =>
  h.server.put(refs.pods, { metadata: { name: 'p', namespace: 'a', ...more }, spec: { containers: [], volumes } })
const claims = () => h.server.all(refs.persistentVolumeClaims)
beforeEach(async () => {
  h = harness([ephemeralVolumeController()])
  await h.start()
})
afterEach(() => h.finish())

it("makes a claim for each of a pod's own volumes, owned by the pod, and again when it is lost", async () => {
  const { metadata } = pod()
  await h.pass(100)
  expect(claims()).toMatchObject([
    {
      metadata: {
        name: 'p-scratch',
        namespace: 'a',
        labels: { a: 'b' },
        annotations: { c: 'd' },
        ownerReferences: [{ kind: 'Pod', uid: metadata.uid, controller: true }],
      },
      spec,
    },
  ])
  h.server.remove(refs.persistentVolumeClaims, 'p-scratch', 'a')
  await h.pass(100)
  expect(claims()).toHaveLength(1)
})

it('makes none for other volumes, or for a pod that goes', async () => {
  pod([{ name: 'x', emptyDir: {} }])
  await h.pass(100)
  pod(undefined, { deletionTimestamp: '2026-01-01T00:00:00Z' })
  await h.pass(100)
  expect(claims()).toEqual([])
})

it("does not take somebody else's claim of that name, and says so", async () => {
  h.server.put(refs.persistentVolumeClaims, { metadata: { name: 'p-scratch', namespace: 'a' }, spec })
  pod()
  await h.pass(100)
  expect(h.warnings.splice(0)[0]).toContain('PVC a/p-scratch was not created for pod a/p (pod is not owner)')
  expect(claims()[0]?.metadata.ownerReferences).toBeUndefined()
})

it('says why a claim could not be made, and tries again', async () => {
  let refuse = true
  h.server.intercept = ({ verb, resource }) => {
    if (refuse && verb === 'create' && resource.resource === 'persistentvolumeclaims')
      throw new StatusError(403, 'Forbidden', 'quota')
    return undefined
  }
  pod()
  await h.pass(100)
  expect(h.eventReasons()).toContain('FailedCreate')
  expect(h.warnings.splice(0)).not.toEqual([])
  refuse = false
  await h.pass(5000)
  expect(claims()).toHaveLength(1)
})
