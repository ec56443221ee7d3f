/** Volumes, stateful sets, placement and custom kinds on three real nodes: the manifests of test/fixtures/acceptance with real kubectl. */
import { Resolver } from 'node:dns/promises'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Deployment } from '#types/apps/v1'
import type { Job } from '#types/batch/v1'
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod, Service } from '#types/core/v1'
import { TestCluster } from '../helpers/cluster.ts'
import { command } from '../helpers/command.ts'
import { eventually } from '../helpers/eventually.ts'
import { buildTestImages } from '../helpers/images.ts'

const cluster = new TestCluster('workloads')
const manifest = (name: string): string => join(import.meta.dirname, '../fixtures/acceptance', `${name}.yaml`)

beforeAll(async () => {
  buildTestImages()
  await cluster.drydock('up', '--nodes', '3', '--detach')
})
afterAll(() => cluster.delete())

const pod = (name: string): Promise<Pod> => cluster.json<Pod>('get', 'pod', name)
const pods = async (selector: string): Promise<Pod[]> =>
  (await cluster.json<{ items: Pod[] }>('get', 'pods', '-l', selector)).items
const ready = (...names: string[]): Promise<string> =>
  cluster.k('wait', '--for=condition=Ready', '--timeout=60s', ...names.map((name) => `pod/${name}`))
const phaseOf = async (kind: 'pv' | 'pvc', name: string) =>
  (await cluster.json<PersistentVolume | PersistentVolumeClaim>('get', kind, name)).status?.phase
const linesOf = async (name: string, file: string): Promise<string[]> =>
  (await cluster.k('exec', name, '--', 'cat', file)).trim().split('\n')

describe('volumes.yaml', () => {
  it('binds the hand-made volume, and makes one for each pod of the stateful set', async () => {
    await cluster.k('apply', '-f', manifest('volumes'))
    await cluster.k('rollout', 'status', 'statefulset/db', '--timeout=60s')
    await ready('reader')
    expect((await cluster.json<PersistentVolumeClaim>('get', 'pvc', 'shelf')).spec.volumeName).toBe('shelf-1')
    const { items } = await cluster.json<{ items: PersistentVolumeClaim[] }>('get', 'pvc')
    expect(items.map(({ metadata, status }) => [metadata.name, status?.phase])).toEqual([
      ['data-db-0', 'Bound'],
      ['data-db-1', 'Bound'],
      ['data-db-2', 'Bound'],
      ['shelf', 'Bound'],
    ])
    expect(await cluster.k('exec', 'db-0', '--', 'df', '-h', '/cache')).toMatch(/tmpfs\s+16\.0M/)
  })

  it('answers to the name of each of its pods', async () => {
    expect(await cluster.k('exec', 'reader', '--', 'wget', '-qO-', 'http://db-1.db/log')).toBe('db-1\n')
  })

  it('answers on the desktop through a load balancer and its node port, on their own port or the next free one', async () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'public' },
      spec: { type: 'LoadBalancer', selector: { app: 'db' }, ports: [{ port: 18_080, targetPort: 80 }] },
    }
    const file = join(cluster.data, 'public.json')
    writeFileSync(file, JSON.stringify(service))
    await cluster.k('apply', '-f', file)
    await cluster.k(
      'wait',
      'svc/public',
      '--for=jsonpath={.status.loadBalancer.ingress[0].ip}=127.0.0.1',
      '--timeout=10s',
    )
    const { metadata, spec } = await cluster.json<Service>('get', 'service', 'public')
    const moved = (metadata.annotations?.['drydock.dev/desktop-ports'] ?? '').split(',').map((pair) => pair.split('='))
    for (const port of [18_080, spec.ports![0]!.nodePort!]) {
      const answering = moved.find(([from]) => from === String(port))?.[1] ?? port
      const answer = await command('curl', ['-s', '-m', '5', `http://127.0.0.1:${answering}/log`])
      expect(answer.stdout).toMatch(/^db-\d\n/)
    }
    await cluster.k('delete', 'service', 'public')
  })

  it('answers datagrams on the desktop: the names of the cluster', async () => {
    const { items } = await cluster.json<{ items: Node[] }>('get', 'nodes')
    const address = items[0]!.status!.addresses!.find(({ type }) => type === 'InternalIP')!.address
    const metadata = { name: 'names', labels: { 'kubernetes.io/service-name': 'names' } }
    const ports = [{ name: 'dns', port: 5353, protocol: 'UDP' }]
    const file = join(cluster.data, 'names.json')
    const slice = { addressType: 'IPv4', ports: [{ ...ports[0], port: 53 }], endpoints: [{ addresses: [address] }] }
    const objects = [
      { apiVersion: 'v1', kind: 'Service', metadata, spec: { type: 'NodePort', ports } },
      { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, ...slice },
    ]
    writeFileSync(file, objects.map((one) => JSON.stringify(one)).join('\n'))
    await cluster.k('apply', '-f', file)
    const { spec } = await cluster.json<Service>('get', 'service', 'names')
    const { nodePort } = spec.ports![0]!
    const answering = async (): Promise<string> => {
      const { metadata: told } = await cluster.json<Service>('get', 'service', 'names')
      return told.annotations?.['drydock.dev/desktop-ports']?.split('=')[1] ?? `${nodePort}`
    }
    const names = await eventually(
      'the peers of a stateful set',
      async () => {
        const resolver = new Resolver({ timeout: 1_000, tries: 1 })
        resolver.setServers([`127.0.0.1:${await answering()}`])
        return (await resolver.resolveSrv('db.default.svc.cluster.local')).map(({ name }) => name.slice(0, 4)).sort()
      },
      (found) => found.length === 3,
      10_000,
    )
    expect(names).toEqual(['db-0', 'db-1', 'db-2'])
    await cluster.k('delete', '-f', file)
  })

  it('keeps what the pods wrote when the stateful set is deleted and made again', async () => {
    await cluster.k('delete', 'statefulset', 'db')
    await cluster.k('wait', '--for=delete', 'pod', '-l', 'app=db', '--timeout=60s')
    await cluster.k('apply', '-f', manifest('volumes'))
    await cluster.k('rollout', 'status', 'statefulset/db', '--timeout=60s')
    expect(await linesOf('db-2', '/data/log')).toEqual(['db-2', 'db-2'])
  })

  it('brings a pod the same volume on another node', async () => {
    const before = (await pod('db-1')).spec.nodeName!
    await cluster.k('cordon', before)
    await cluster.k('delete', 'pod', 'db-1')
    await cluster.k('rollout', 'status', 'statefulset/db', '--timeout=60s')
    await cluster.k('uncordon', before)
    expect((await pod('db-1')).spec.nodeName).not.toBe(before)
    expect(await linesOf('db-1', '/data/log')).toEqual(['db-1', 'db-1', 'db-1'])
  })

  it('protects a claim in use, retains its volume, and gives it back once nobody claims it', async () => {
    await cluster.k('delete', 'pvc', 'shelf', '--wait=false')
    expect((await cluster.json<PersistentVolumeClaim>('get', 'pvc', 'shelf')).metadata.deletionTimestamp).toBeDefined()
    await cluster.k('delete', 'pod', 'reader')
    await cluster.k('wait', '--for=delete', 'pvc/shelf', '--timeout=30s')
    await eventually(
      'the volume to be released',
      () => phaseOf('pv', 'shelf-1'),
      (phase) => phase === 'Released',
    )
    await cluster.k('patch', 'pv', 'shelf-1', '--type=merge', '-p', '{"spec":{"claimRef":null}}')
    await eventually(
      'the volume to be available',
      () => phaseOf('pv', 'shelf-1'),
      (phase) => phase === 'Available',
    )
  })

  it('removes made volumes with their claims', async () => {
    await cluster.k('delete', 'statefulset', 'db')
    await cluster.k('delete', 'pvc', '--all', '--timeout=60s')
    await eventually(
      'the made volumes to go',
      () => cluster.json<{ items: PersistentVolume[] }>('get', 'pv'),
      ({ items }) => items.length === 1,
    )
  })
})

describe('an autoscaler', () => {
  it('adds pods while they use more than they asked for, and kubectl top says how much that is', async () => {
    const burn = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'burn' },
      spec: {
        selector: { matchLabels: { app: 'burn' } },
        template: {
          metadata: { labels: { app: 'burn' } },
          spec: {
            terminationGracePeriodSeconds: 0,
            containers: [
              {
                name: 'c',
                image: 'busybox',
                imagePullPolicy: 'IfNotPresent',
                command: ['sh', '-c', 'while :; do :; done'],
                resources: { requests: { cpu: '50m' }, limits: { cpu: '200m' } },
              },
            ],
          },
        },
      },
    }
    const file = join(cluster.data, 'burn.json')
    writeFileSync(file, JSON.stringify(burn))
    await cluster.k('apply', '-f', file)
    await cluster.k('autoscale', 'deployment', 'burn', '--cpu=50%', '--min=1', '--max=2')
    await eventually(
      'the autoscaler to ask for a second pod',
      async () => (await cluster.json<Deployment>('get', 'deployment', 'burn')).spec.replicas,
      (replicas) => replicas === 2,
      90_000,
    )
    expect(await cluster.k('top', 'pod', '-l', 'app=burn', '--no-headers')).toMatch(/^burn-\S+\s+[1-9]\d*m\s+\d+Mi/)
    expect(await cluster.k('top', 'node', '--no-headers')).toMatch(/^n1\s+\d+m\s+\d+%\s+\d+Mi\s+\d+%/)
    await cluster.k('delete', 'deployment/burn', 'hpa/burn')
  })
})

describe('scheduling.yaml', () => {
  it('places each pod as it asks, and says of the one that fits nowhere why', async () => {
    await cluster.k('label', 'node', 'n2', 'disk=ssd')
    await cluster.k('taint', 'node', 'n1', 'key1=value1:NoSchedule')
    // kubectl reads a bare y as true, which no toleration can be.
    const file = join(cluster.data, 'scheduling.yaml')
    writeFileSync(file, readFileSync(manifest('scheduling'), 'utf8').replace('value: y,', 'value: "y",'))
    await cluster.k('apply', '-f', file)
    await ready('s1', 's2', 'with-pod-affinity', 'with-node-affinity', 'leaves-soon', 'vip')
    await cluster.k('rollout', 'status', 'deployment/spread', '--timeout=60s')
    const [s1, s2, beside] = await Promise.all(['s1', 's2', 'with-pod-affinity'].map(pod))
    expect(s2!.spec.nodeName).not.toBe(s1!.spec.nodeName)
    expect(beside!.spec.nodeName).toBe(s1!.spec.nodeName)
    const spread = (await pods('app=spread')).map(({ spec }) => spec.nodeName)
    expect(new Set(spread)).toEqual(new Set(['n1', 'n2', 'n3']))
    expect((await pod('vip')).spec.nodeName).toBe('n2')
    const words = await cluster.k('describe', 'pod', 'fits-nowhere')
    expect(words).toContain('0/3 nodes are available: 1 Insufficient cpu')
    expect(words).toContain("1 node(s) didn't match Pod's node affinity/selector")
  })

  it('sends a pod away when its toleration of the taint ends', async () => {
    const node = (await pod('leaves-soon')).spec.nodeName!
    const began = Date.now()
    await cluster.k('taint', 'node', node, 'x=y:NoExecute')
    await cluster.k('wait', '--for=delete', 'pod/leaves-soon', '--timeout=30s')
    expect(Date.now() - began).toBeGreaterThan(4000)
    await cluster.k('taint', 'node', node, 'x-')
  })

  it('makes room for a pod of higher priority on a full node', async () => {
    await cluster.k('delete', 'pod', 'vip', '--ignore-not-found')
    const running = async () => (await pods('app=filler')).filter(({ status }) => status?.phase === 'Running').length
    const full = await eventually('the node to be full', running, (count) => count >= 4)
    await cluster.k('apply', '-f', join(cluster.data, 'scheduling.yaml'))
    await ready('vip')
    expect(await cluster.k('get', 'events', '--field-selector=reason=Preempted')).toMatch(
      /Preempted by pod .* on node n2/,
    )
    expect(await running()).toBeLessThan(full)
  })
})

describe('a cron job', () => {
  it('makes jobs at its times and on demand', async () => {
    await cluster.k('create', 'cronjob', 'tick', '--image=busybox', '--schedule=* * * * *', '--', 'date')
    await cluster.k('create', 'job', 'now', '--from=cronjob/tick')
    await cluster.k('wait', '--for=condition=Complete', 'job/now', '--timeout=60s')
    const { items } = await eventually(
      'the job of the minute',
      () => cluster.json<{ items: Job[] }>('get', 'jobs'),
      (list) => list.items.some(({ metadata, status }) => metadata.name !== 'now' && status?.succeeded === 1),
      90_000,
    )
    const scheduled = items.find(({ metadata }) => metadata.name !== 'now')!
    expect(scheduled.metadata.name).toMatch(/^tick-\d+$/)
    expect(scheduled.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'CronJob', name: 'tick', controller: true })
  })
})
