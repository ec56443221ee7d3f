import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { attributes, FakeObjects, run } from '../testing/arrange.ts'
import { clusterTrustBundleAttest, podCertificateSigning } from './certificate-signers.ts'
import { nodeRestriction } from './node-restriction.ts'
import type { AskedAccess } from './rbac-escalation.ts'

const GROUP = 'certificates.k8s.io'
const held = (...allowed: string[]) => ({
  may: (_user: unknown, { verb, resource, name }: AskedAccess) =>
    Promise.resolve(allowed.includes(`${verb} ${resource} ${name}`)),
  rules: () => Promise.resolve([]),
})

describe('bundles for a signer', () => {
  const bundle = (signerName: string, trustBundle = 'a') => ({
    metadata: { name: 'b' },
    spec: { ...(signerName ? { signerName } : {}), trustBundle },
  })
  const write = (allowed: string, object: object, oldObject?: object) =>
    run(
      [clusterTrustBundleAttest(held(allowed))],
      attributes(
        GROUP,
        'ClusterTrustBundle',
        object,
        oldObject ? { operation: 'UPDATE', oldObject: partial(oldObject) } : {},
      ),
    )

  it('are written by who may attest for it or for its domain', async () => {
    await write('attest signers example.com/mine', bundle('example.com/mine'))
    await write('attest signers example.com/*', bundle('example.com/mine'))
    await expect(write('sign signers example.com/mine', bundle('example.com/mine'))).rejects.toThrow(
      'user not permitted to attest for signerName "example.com/mine"',
    )
  })

  it('are anybody’s where there is no signer, and while whom to trust stays', async () => {
    await write('', bundle(''))
    await write('', bundle('example.com/mine'), bundle('example.com/mine'))
    await expect(write('', bundle('example.com/mine', 'b'), bundle('example.com/mine'))).rejects.toThrow('attest')
  })
})

describe('requests of pods for certificates', () => {
  const spec = {
    signerName: 'example.com/mine',
    podName: 'till',
    podUID: 'uid-till',
    serviceAccountName: 'default',
    serviceAccountUID: 'uid-default',
    nodeName: 'n1',
    nodeUID: 'uid-n1',
  }
  const request = (change: object = {}) => ({
    metadata: { name: 'r', namespace: 'shop' },
    spec: { ...spec, ...change },
  })

  it('are settled by who may sign for their signer', async () => {
    const update = { operation: 'UPDATE', subresource: 'status', oldObject: partial<KubeObject>(request()) } as const
    const settle = (...allowed: string[]) =>
      run([podCertificateSigning(held(...allowed))], attributes(GROUP, 'PodCertificateRequest', request(), update))
    await settle('sign signers example.com/*')
    await expect(settle()).rejects.toThrow('is not permitted to "sign" for signer "example.com/mine"')
  })

  const user = { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] }
  const objects = new FakeObjects()
  const pod = (name: string, nodeName: string, annotations: object = {}) => ({
    metadata: { name, namespace: 'shop', uid: `uid-${name}`, annotations },
    spec: { nodeName, serviceAccountName: 'default', containers: [] },
  })
  objects.put('', 'nodes', { metadata: { name: 'n1', uid: 'uid-n1' } })
  objects.put('', 'serviceaccounts', { metadata: { name: 'default', namespace: 'shop', uid: 'uid-default' } })
  objects.put('', 'pods', pod('till', 'n1'))
  objects.put('', 'pods', pod('away', 'n2'))
  objects.put('', 'pods', pod('mirror', 'n1', { 'kubernetes.io/config.mirror': 'x' }))
  const ask = (change: object, more: object = {}) =>
    run(
      [nodeRestriction(objects)],
      attributes(GROUP, 'PodCertificateRequest', request(change), { user, namespace: 'shop', ...more }),
    )

  it('are made by nodes for pods that run on them', async () => {
    await expect(ask({})).resolves.toBeUndefined()
  })

  it.each([
    [{ nodeName: 'n2' }, 'PodCertificateRequest.Spec.NodeName="n2", which is not the requesting node "n1"'],
    [{ nodeUID: 'old' }, 'names nodes "n1" with UID "old", which differs from "uid-n1"'],
    [{ podUID: 'old' }, 'names pods "till" with UID "old", which differs from "uid-till"'],
    [{ podName: 'gone' }, 'which differs from ""'],
    [
      { podName: 'away', podUID: 'uid-away' },
      'pod "shop/away" is not running on node "n1" named in the PodCertificateRequest',
    ],
    [{ podName: 'mirror', podUID: 'uid-mirror' }, 'pod "shop/mirror" is a mirror pod'],
    [
      { serviceAccountName: 'other' },
      'contains serviceAccountName ("other") that differs from running pod ("default")',
    ],
    [{ serviceAccountUID: 'old' }, 'names serviceaccounts "default" with UID "old"'],
  ])('are not made with %j: %s', async (change, words) => {
    await expect(ask(change)).rejects.toThrow(words)
  })

  it('are not changed by nodes', async () => {
    const update = { operation: 'UPDATE', oldObject: request() }
    await expect(ask({}, update)).rejects.toThrow('unexpected operation UPDATE')
    await expect(ask({}, { subresource: 'status' })).rejects.toThrow('unexpected subresource status')
  })

  it('and bundles open nothing to a mirror pod', async () => {
    const mirror = (source: object) => ({
      metadata: { name: 'm', namespace: 'shop', annotations: { 'kubernetes.io/config.mirror': 'x' } },
      spec: { nodeName: 'n1', containers: [], volumes: [{ name: 'v', projected: { sources: [source] } }] },
    })
    const make = (source: object) => run([nodeRestriction(objects)], attributes('', 'Pod', mirror(source), { user }))
    await expect(make({ clusterTrustBundle: {} })).rejects.toThrow(
      'can not create pods that reference clustertrustbundles',
    )
    await expect(make({ podCertificate: {} })).rejects.toThrow('can not create pods that reference podcertificates')
  })
})
