import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import type { Pod, VolumeProjection } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import { advance } from '../../../src-kube/client/testing/advance.ts'
import { FakeTransport } from '../../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { pemText } from '../../../src-kube/machinery/pem.ts'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import { noDrivers } from '../csi/testing/no-drivers.ts'
import { createVolumes } from './index.ts'

const root = await mkdtemp(join(tmpdir(), 'certificates-'))
afterAll(() => rm(root, { recursive: true }))
const stops: AbortController[] = []
afterEach(() => stops.splice(0).forEach((stop) => stop.abort()))
let serial = 0
const HOUR = 3_600_000
const [one, two, three] = ['AAAA', 'BBBB', 'CCCC'].map((body) => pemText('CERTIFICATE', body))

function makeNode() {
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const stop = new AbortController()
  stops.push(stop)
  const told: string[] = []
  const logged: string[] = []
  server.put(refs.nodes, { metadata: { name: 'n1', uid: 'node-uid' } })
  server.put(refs.serviceAccounts, { metadata: { name: 'till', namespace: 'shop', uid: 'account-uid' } })
  const volumes = createVolumes({
    csi: noDrivers(),
    client: createClient(server),
    stateDirectory: join(root, String(++serial)),
    memoryDirectory: join(root, 'memory', String(serial)),
    nodeName: 'n1',
    nodeIp: '172.28.0.2',
    nodeFacts: { allocatable: () => Promise.resolve({}) },
    layersOf: () => Promise.resolve([]),
    host: { run: () => Promise.resolve({ stdout: '', stderr: '' }), readFile: () => Promise.resolve('') },
    event: (_pod, _type, reason, message) => told.push(`${reason}: ${message}`),
    clock,
    signal: stop.signal,
    log: (message) => logged.push(message),
  })
  const podOf = (source: VolumeProjection, spec: object = {}) =>
    ({
      metadata: { name: 'p', namespace: 'shop', uid: 'u' },
      spec: {
        serviceAccountName: 'till',
        containers: [{ name: 'c', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
        volumes: [{ name: 'v', projected: { sources: [source] } }],
        ...spec,
      },
    }) as Pod
  const setUp = async (source: VolumeProjection, spec: object = {}) =>
    (await volumes.setUp(podOf(source, spec), {})).get('v')!
  return { clock, server, volumes, told, logged, setUp }
}

describe('whom the cluster trusts', () => {
  const bundle = (name: string, trustBundle: string, signerName?: string, labels: object = {}) => ({
    metadata: { name, labels },
    spec: { trustBundle, ...(signerName ? { signerName } : {}) },
  })
  const projected = (more: object): VolumeProjection => ({ clusterTrustBundle: { path: 'ca.pem', ...more } })

  it('is a file of one bundle, with each certificate once and nothing between them, which follows it', async () => {
    const { server, setUp } = makeNode()
    server.put(refs.clusterTrustBundles, bundle('roots', `two:\n${two}\none:\n${one}${two}`))
    const directory = await setUp(projected({ name: 'roots' }))
    const text = () => readFile(join(directory, 'ca.pem'), 'utf8')
    expect(await text()).toBe(`${one}${two}`)
    server.put(refs.clusterTrustBundles, bundle('roots', three!))
    await vi.waitFor(async () => expect(await text()).toBe(three))
  })

  it('is a file of all bundles of a signer that the labels select', async () => {
    const { server, setUp } = makeNode()
    server.put(refs.clusterTrustBundles, bundle('a.b:c:x', one!, 'a.b/c', { live: 'yes' }))
    server.put(refs.clusterTrustBundles, bundle('a.b:c:y', two!, 'a.b/c', { live: 'no' }))
    server.put(refs.clusterTrustBundles, bundle('a.b:d:x', three!, 'a.b/d', { live: 'yes' }))
    const source = projected({ signerName: 'a.b/c', labelSelector: { matchLabels: { live: 'yes' } } })
    const directory = await setUp(source)
    const text = () => readFile(join(directory, 'ca.pem'), 'utf8')
    expect(await text()).toBe(one)
    server.put(refs.clusterTrustBundles, bundle('a.b:c:z', two!, 'a.b/c', { live: 'yes' }))
    await vi.waitFor(async () => expect(await text()).toBe(`${one}${two}`))
  })

  it.each([
    [{ name: 'none' }, 'while getting ClusterTrustBundle: clustertrustbundle.certificates.k8s.io "none" not found'],
    [{ signerName: 'a.b/c', labelSelector: {} }, 'combination of signerName and labelSelector matched zero'],
    [{ signerName: 'a.b/d' }, 'combination of signerName and labelSelector matched zero'],
  ])('must be there unless it is optional: %j', async (source, words) => {
    const { server, setUp } = makeNode()
    server.put(refs.clusterTrustBundles, bundle('a.b:d:x', one!, 'a.b/d'))
    await expect(setUp(projected(source))).rejects.toThrow(`MountVolume.SetUp failed for volume "v" : ${words}`)
    const directory = await setUp(projected({ ...source, optional: true }))
    expect(await readFile(join(directory, 'ca.pem'), 'utf8')).toBe('')
  })

  it('is for the pod’s user alone where it has one', async () => {
    const { server, setUp } = makeNode()
    server.put(refs.clusterTrustBundles, bundle('roots', one!))
    const user = process.getuid?.()
    const directory = await setUp(projected({ name: 'roots' }), { securityContext: { runAsUser: user } })
    expect((await stat(join(directory, 'ca.pem'))).mode & 0o777).toBe(0o600)
  })
})

describe('a certificate of a pod', () => {
  const source: VolumeProjection = {
    podCertificate: {
      signerName: 'example.com/mine',
      keyType: 'ED25519',
      maxExpirationSeconds: 7200,
      userAnnotations: { 'example.com/dns': 'till' },
      credentialBundlePath: 'credentials.pem',
      keyPath: 'key.pem',
      certificateChainPath: 'chain.pem',
    },
  }

  /** A signer that looks at the last request. */
  function withSigner() {
    const node = makeNode()
    const { clock, server } = node
    const requests = () => server.all(refs.podCertificateRequests)
    const settle = (type: string, status: object = {}) =>
      server.put(refs.podCertificateRequests, {
        ...requests().at(-1)!,
        status: { conditions: [{ type, status: 'True', reason: 'Test', message: 'so' }], ...status },
      })
    const issue = (chain: string) =>
      settle('Issued', {
        certificateChain: `leaf:\n${chain}`,
        beginRefreshAt: formatTime(clock.now() + HOUR),
        notAfter: formatTime(clock.now() + 2 * HOUR),
      })
    const asked = async (count: number) => vi.waitFor(() => expect(requests()).toHaveLength(count))
    return { ...node, requests, settle, issue, asked }
  }

  it('is asked for as the pod on its node, and the pod waits until it is issued', async () => {
    const { clock, setUp, requests, issue, asked, told } = withSigner()
    const first = setUp(source).catch((error: unknown) => (error as Error).message)
    await asked(1)
    expect(requests()[0]).toMatchObject({
      metadata: { namespace: 'shop', ownerReferences: [{ kind: 'Pod', name: 'p', uid: 'u' }] },
      spec: {
        signerName: 'example.com/mine',
        podName: 'p',
        podUID: 'u',
        serviceAccountName: 'till',
        serviceAccountUID: 'account-uid',
        nodeName: 'n1',
        nodeUID: 'node-uid',
        maxExpirationSeconds: 7200,
        unverifiedUserAnnotations: { 'example.com/dns': 'till' },
      },
    })
    await advance(clock, 2000)
    expect(await first).toBe('MountVolume.SetUp failed for volume "v" : credential bundle is not issued yet')
    const second = setUp(source)
    issue(one!)
    const directory = await second
    const text = (name: string) => readFile(join(directory, name), 'utf8')
    expect(await text('chain.pem')).toBe(one)
    expect(await text('key.pem')).toContain('-----BEGIN PRIVATE KEY-----')
    expect(await text('credentials.pem')).toBe((await text('key.pem')) + one)
    expect([requests().length, told]).toEqual([1, []])
  })

  it('is renewed with another key once its time has come', async () => {
    const { clock, setUp, issue, asked } = withSigner()
    const made = setUp(source)
    await asked(1)
    issue(one!)
    const directory = await made
    const text = (name: string) => readFile(join(directory, name), 'utf8')
    const key = await text('key.pem')
    await advance(clock, HOUR + 6 * 60_000)
    await asked(2)
    expect(await text('chain.pem')).toBe(one)
    issue(two!)
    await vi.waitFor(async () => expect(await text('chain.pem')).toBe(two))
    expect(await text('key.pem')).not.toBe(key)
  })

  it('that nobody renews stays, and is told of once', async () => {
    const { clock, setUp, issue, asked, told } = withSigner()
    const made = setUp(source)
    await asked(1)
    issue(one!)
    const directory = await made
    await advance(clock, HOUR + 6 * 60_000)
    await asked(2)
    const aMinuteLater = async (): Promise<void> => {
      await clock.advance(60_000)
      expect(told).toEqual([
        'CertificateOverdueForRefresh: PodCertificate refresh overdue',
        'CertificateExpired: PodCertificate expired',
      ])
    }
    await vi.waitFor(aMinuteLater, { interval: 2, timeout: 4000 })
    expect(await readFile(join(directory, 'chain.pem'), 'utf8')).toBe(one)
  })

  it.each([
    ['Denied', 'was denied', 'denied'],
    ['Failed', 'failed', 'failed'],
  ])('that is %s never comes, and the pod is told why', async (type, was, words) => {
    const { setUp, settle, requests, asked, told } = withSigner()
    const made = setUp(source).catch((error: unknown) => (error as Error).message)
    await asked(1)
    settle(type)
    const refusal = `MountVolume.SetUp failed for volume "v" : PodCertificateRequest was permanently ${words}: reason="Test" message="so"`
    expect(await made).toBe(refusal)
    await expect(setUp(source)).rejects.toThrow(refusal)
    const name = requests()[0]!.metadata.name
    expect(told).toEqual([`${type}: PodCertificateRequest shop/${name} ${was}, reason="Test", message="so"`])
    expect(requests()).toHaveLength(1)
  })

  it('whose request is gone is asked for anew after a while', async () => {
    const { clock, server, setUp, requests, asked } = withSigner()
    const first = setUp(source).catch(() => undefined)
    await asked(1)
    await advance(clock, 2000)
    await first
    server.remove(refs.podCertificateRequests, requests()[0]!.metadata.name, 'shop')
    await clock.advance(11 * 60_000)
    const again = setUp(source).catch(() => undefined)
    await asked(1)
    await advance(clock, 2000)
    await again
  })
})
