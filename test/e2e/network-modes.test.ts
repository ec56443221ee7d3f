/** A cluster whose nodes translate services with nftables and route straight to each other, then in the agents themselves, its pods untouched. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Node, Pod, Service } from '#types/core/v1'
import { TestCluster } from '../helpers/cluster.ts'
import { eventually } from '../helpers/eventually.ts'
import { buildTestImages } from '../helpers/images.ts'

const cluster = new TestCluster('modes')
const NODE_PORT = 31_234
const labels = { app: 'web' }
const SERVE = 'mkdir /www; hostname > /www/index.html; exec httpd -f -p 8080 -h /www'
const server = (node: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `web-${node}`, labels },
  spec: {
    nodeName: node,
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'web',
        image: 'busybox',
        command: ['sh', '-c', SERVE],
        readinessProbe: { httpGet: { port: 8080, path: '/' }, periodSeconds: 1 },
      },
    ],
  },
})
const service = (name: string, spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec })
const ports = [{ port: 80, targetPort: 8080 }]
const objects = [
  server('n1'),
  server('n2'),
  service('web', { type: 'NodePort', selector: labels, ports: [{ ...ports[0], nodePort: NODE_PORT }] }),
  service('sticky', { sessionAffinity: 'ClientIP', selector: labels, ports }),
  service('empty', { selector: { app: 'nobody' }, ports }),
]

beforeAll(async () => {
  buildTestImages()
  await cluster.drydock('up', '--nodes', '2', '--proxy-mode', 'nftables', '--flannel-backend', 'host-gw', '--detach')
  const file = join(cluster.data, 'objects.json')
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))
  await eventually(
    'all objects to be there',
    () => cluster.kubectl('1.36', 'apply', '-f', file),
    ({ code }) => code === 0,
  )
  await cluster.k('wait', '--for=condition=Ready', '--timeout=60s', 'pod', '--all')
})
afterAll(() => cluster.delete())

const clusterIp = async (name: string): Promise<string> =>
  (await cluster.json<Service>('get', 'service', name)).spec.clusterIP!
const nodeIps = async (): Promise<string[]> => {
  const { items } = await cluster.json<{ items: Node[] }>('get', 'nodes')
  return items.map((node) => node.status!.addresses!.find(({ type }) => type === 'InternalIP')!.address)
}

/** How often each pod answered so many requests of a pod. */
async function answers(address: string, count: number): Promise<Record<string, number>> {
  const loop = `for i in $(seq ${count}); do timeout 2 wget -qO- http://${address}/ || echo nobody; done`
  const heard = (await cluster.k('exec', 'web-n1', '--', 'sh', '-c', loop)).trim().split('\n')
  return Object.fromEntries([...new Set(heard)].map((one) => [one, heard.filter((other) => other === one).length]))
}

/** Every way to the pods works. */
async function reachesAll(): Promise<void> {
  const many = await answers(await clusterIp('web'), 100)
  expect(Object.keys(many).toSorted()).toEqual(['web-n1', 'web-n2'])
  expect(Math.min(...Object.values(many))).toBeGreaterThan(20)
  expect(Object.values(await answers(await clusterIp('sticky'), 10))).toEqual([10])
  for (const ip of await nodeIps())
    expect(Object.keys(await answers(`${ip}:${NODE_PORT}`, 20)).toSorted()).toEqual(['web-n1', 'web-n2'])
  const refused = `socat -u TCP4:${await clusterIp('empty')}:80,connect-timeout=2 - 2>&1 || true`
  expect((await cluster.onNode('n1', 'sh', '-c', refused)).stdout).toContain('Connection refused')
}

/** Bytes that arrive of so many, which go in packets as large as the way takes them. */
async function fetchedFromOtherNode(bytes: number): Promise<number> {
  await cluster.k('exec', 'web-n2', '--', 'sh', '-c', `head -c ${bytes} /dev/urandom > /www/large`)
  const { status } = await cluster.json<Pod>('get', 'pod', 'web-n2')
  const fetch = `wget -qO- http://${status!.podIP}:8080/large | wc -c`
  return Number(await cluster.k('exec', 'web-n1', '--', 'sh', '-c', fetch))
}

const onNode = async (...words: string[]): Promise<string> => (await cluster.onNode('n1', ...words)).stdout

describe("a cluster's network", () => {
  it('works with nftables and routes straight between the nodes', async () => {
    await reachesAll()
    expect(await onNode('nft', 'list', 'tables')).toContain('table ip kube-proxy')
    expect(await onNode('iptables-save')).not.toContain('KUBE-')
    expect(await onNode('ip', 'route')).toMatch(/^10\.244\.\d+\.0\/24 via \d+\.\d+\.\d+\.12 dev eth0/m)
    expect(await onNode('ip', 'link')).not.toContain('flannel.1')
  })

  it('changes to services and packets that go through the agents under running pods, and keeps that', async () => {
    const facts = async () =>
      (await cluster.json<{ items: Pod[] }>('get', 'pods')).items.map(({ metadata, status }) => [
        metadata.name,
        status?.podIP,
        status?.containerStatuses?.map(({ containerID, restartCount }) => [containerID, restartCount]),
      ])
    const before = await facts()
    await cluster.drydock('down')
    await cluster.drydock('up', '--proxy-mode', 'userspace', '--flannel-backend', 'udp', '--detach')
    await eventually(
      'the rules of nftables to go',
      () => onNode('nft', 'list', 'tables'),
      (said) => !said.includes('kube-proxy'),
    )
    await eventually(
      'the overlay to lead to the other node',
      () => onNode('ip', 'route'),
      (said) => /dev flannel0/.test(said),
    )
    await eventually(
      'all pods to be reached',
      () => answers('web', 20),
      (said) => !('nobody' in said),
    )
    await reachesAll()
    expect(await fetchedFromOtherNode(1_000_000)).toBe(1_000_000)
    expect(await facts()).toEqual(before)
    const settings = JSON.parse(readFileSync(join(cluster.data, 'cluster', 'cluster.json'), 'utf8')) as object
    expect(settings).toMatchObject({ network: { proxyMode: 'userspace', flannelBackend: 'udp' } })
  })
})
