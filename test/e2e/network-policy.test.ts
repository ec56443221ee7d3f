/** NetworkPolicies on three real nodes, judged by connections between pods (kubernetes.io, "Network Policies"). */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Pod, Service } from '#types/core/v1'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import type { NetworkPolicySpec } from '#types/networking.k8s.io/v1'
import { TestCluster } from '../helpers/cluster.ts'
import { eventually } from '../helpers/eventually.ts'
import { buildTestImages } from '../helpers/images.ts'

const cluster = new TestCluster('netpol')
const addresses = new Map<string, string>()

beforeAll(async () => {
  buildTestImages()
  await cluster.drydock('up', '--nodes', '3', '--detach')
  const manifest = join(import.meta.dirname, '../fixtures/acceptance/network-policies.yaml')
  // Namespaces get their default service account a moment after they are made.
  await eventually(
    'all objects to be there',
    () => cluster.kubectl('1.36', 'apply', '-f', manifest),
    ({ code }) => code === 0,
  )
  for (const namespace of ['shop', 'tools'])
    await cluster.k('wait', '-n', namespace, '--for=condition=Ready', '--timeout=90s', 'pod', '--all')
  for (const name of ['near', 'far']) addresses.set(name, (await podOf(name)).status!.podIP!)
  const { spec } = await cluster.json<Service>('get', 'service', 'web', '-n', 'shop')
  addresses.set('service', spec.clusterIP!)
})
afterAll(() => cluster.delete())
afterEach(async () => {
  await cluster.k('delete', 'netpol', '--all', '-A')
  await allowed('shop', http('near', 80))
})

const podOf = (name: string): Promise<Pod> => cluster.json<Pod>('get', 'pod', name, '-n', 'shop')
const http = (name: string, port: number): string[] => {
  const ip = addresses.get(name) ?? name
  return ['timeout', '2', 'wget', '-qO-', `http://${ip}:${port}/who`]
}
const tcp = (host: string, port: number): string[] => ['sh', '-c', `nc -w 2 ${host} ${port} </dev/null`]
const lookup = ['nslookup', 'web.shop.svc.cluster.local', '10.96.0.10']

/** Whether a command in the client of a namespace succeeds. */
async function can(namespace: string, words: readonly string[]): Promise<boolean> {
  const { code } = await cluster.kubectl('1.36', 'exec', '-n', namespace, 'client', '--', ...words)
  return code === 0
}

/** Policies reach nodes a moment after they are written. */
const becomes = (wanted: boolean) => (namespace: string, words: readonly string[]) =>
  eventually(
    `${words.join(' ')} from ${namespace} to be ${wanted ? 'allowed' : 'denied'}`,
    () => can(namespace, words),
    (is) => is === wanted,
    20_000,
  )
const allowed = becomes(true)
const denied = becomes(false)

async function policy(name: string, spec: NetworkPolicySpec): Promise<void> {
  const file = join(cluster.data, `${name}.json`)
  const metadata = { name, namespace: 'shop' }
  writeFileSync(file, JSON.stringify({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec }))
  await cluster.k('apply', '-f', file)
}
const web = { matchLabels: { app: 'web' } }
const client = { matchLabels: { app: 'client' } }

describe('without policies', () => {
  it('everybody reaches everybody', async () => {
    for (const namespace of ['shop', 'tools'])
      for (const words of [http('near', 80), http('far', 8080), http('web.shop', 80), lookup])
        expect([namespace, words, await can(namespace, words)]).toEqual([namespace, words, true])
  })
})

describe('ingress', () => {
  it('is denied by default on every node, but for the node itself, and comes back with the deletion', async () => {
    await policy('deny', { podSelector: {}, policyTypes: ['Ingress'] })
    await denied('shop', http('near', 80))
    for (const namespace of ['shop', 'tools'])
      for (const words of [http('near', 80), http('far', 8080), http('service', 80)]) await denied(namespace, words)
    // Probes come from the node: pods stay ready over several of their periods.
    await new Promise((resolve) => setTimeout(resolve, 4_000))
    for (const name of ['near', 'far']) {
      const { status } = await podOf(name)
      expect(status!.conditions!.find(({ type }) => type === 'Ready')!.status).toBe('True')
    }
    await cluster.k('delete', 'netpol', 'deny', '-n', 'shop')
    for (const namespace of ['shop', 'tools']) await allowed(namespace, http('service', 80))
  })

  it('is allowed from a namespace, and from pods in it, by policies that add up', async () => {
    await policy('deny', { podSelector: {}, policyTypes: ['Ingress'] })
    const tools = { namespaceSelector: { matchLabels: { team: 'tools' } }, podSelector: client }
    await policy('from-tools', { podSelector: web, ingress: [{ from: [tools] }] })
    await denied('shop', http('near', 80))
    await allowed('tools', http('near', 80))
    await allowed('tools', http('far', 9090))
    await policy('from-own', { podSelector: web, ingress: [{ from: [{ podSelector: client }] }] })
    await allowed('shop', http('far', 8080))
    await cluster.k('label', 'namespace', 'tools', 'team-')
    await denied('tools', http('near', 80))
    await cluster.k('label', 'namespace', 'tools', 'team=tools')
    await allowed('tools', http('near', 80))
  })

  it('is allowed to a port by its name, whatever each pod’s number', async () => {
    await policy('named', { podSelector: web, ingress: [{ ports: [{ port: 'http' }] }] })
    await denied('shop', http('near', 9090))
    await denied('tools', http('far', 9090))
    for (const words of [http('near', 80), http('far', 8080), http('service', 80)]) await allowed('tools', words)
  })

  it('is allowed to a range of ports', async () => {
    await policy('range', { podSelector: web, ingress: [{ ports: [{ port: 8000, endPort: 9090 }] }] })
    await denied('shop', http('near', 80))
    await allowed('shop', http('near', 9090))
    await allowed('tools', http('far', 8080))
  })

  it('stays denied while the agent of the node starts anew, and follows changes afterwards', async () => {
    await policy('deny', { podSelector: web, policyTypes: ['Ingress'] })
    await denied('tools', http('near', 80))
    await cluster.onNode('n1', 'pkill', '-f', 'agent.mjs')
    for (let i = 0; i < 3; i++) expect(await can('tools', http('near', 80))).toBe(false)
    await cluster.k('delete', 'netpol', 'deny', '-n', 'shop')
    await allowed('tools', http('near', 80))
  })

  it('isolates pods that come later', async () => {
    await policy('deny', { podSelector: { matchLabels: { app: 'late' } }, policyTypes: ['Ingress'] })
    const container = { name: 'c', image: 'busybox', imagePullPolicy: 'IfNotPresent' }
    const command = ['sh', '-c', 'echo late > /tmp/who; exec httpd -f -p 80 -h /tmp']
    const late = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'late', namespace: 'shop', labels: { app: 'late' } },
      spec: { nodeName: 'n3', terminationGracePeriodSeconds: 1, containers: [{ ...container, command }] },
    }
    const file = join(cluster.data, 'late.json')
    writeFileSync(file, JSON.stringify(late))
    await cluster.k('apply', '-f', file)
    await cluster.k('wait', '-n', 'shop', '--for=condition=Ready', '--timeout=60s', 'pod/late')
    addresses.set('late', (await podOf('late')).status!.podIP!)
    await denied('shop', http('late', 80))
    await cluster.k('delete', 'pod', 'late', '-n', 'shop')
  })
})

describe('egress', () => {
  it('is denied by default, and names with it', async () => {
    await policy('deny', { podSelector: client, policyTypes: ['Egress'] })
    for (const words of [http('near', 80), http('far', 8080), http('service', 80), lookup]) await denied('shop', words)
    expect(await can('tools', http('near', 80))).toBe(true)
  })

  it('is allowed to the cluster’s DNS and to some pods', async () => {
    const dns = {
      to: [{ namespaceSelector: {}, podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }],
      ports: [{ port: 53, protocol: 'UDP' as const }, { port: 53 }],
    }
    const some = { to: [{ podSelector: web }], ports: [{ port: 'http' }] }
    await policy('some', { podSelector: client, policyTypes: ['Egress'], egress: [dns, some] })
    await denied('shop', http('near', 9090))
    for (const words of [lookup, http('web.shop', 80), http('near', 80), http('far', 8080)])
      await allowed('shop', words)
    await denied('shop', tcp('10.96.0.1', 443))
  })

  it('is allowed to networks but for their exceptions', async () => {
    const slices = await cluster.json<{ items: EndpointSlice[] }>(
      'get',
      'endpointslices',
      '-l',
      'kubernetes.io/service-name=kubernetes',
    )
    const { endpoints, ports } = slices.items[0]!
    const server = tcp(endpoints![0]!.addresses[0]!, ports![0]!.port!)
    const to = (...except: string[]) => [{ ipBlock: { cidr: '0.0.0.0/0', except } }]
    await policy('block', { podSelector: client, policyTypes: ['Egress'], egress: [{ to: to('10.0.0.0/8') }] })
    await denied('shop', http('near', 80))
    await allowed('shop', server)
    // A Service is judged by where it leads.
    await allowed('shop', tcp('10.96.0.1', 443))
    await policy('block', { podSelector: client, policyTypes: ['Egress'], egress: [{ to: to('172.16.0.0/12') }] })
    await allowed('shop', http('near', 80))
    await denied('shop', server)
    await denied('shop', tcp('10.96.0.1', 443))
  })
})

describe('the old version', () => {
  it('is enforced as the new one', async () => {
    const file = join(cluster.data, 'old.yaml')
    writeFileSync(
      file,
      'apiVersion: extensions/v1beta1\nkind: NetworkPolicy\nmetadata: { name: old, namespace: shop }\nspec: { podSelector: { matchLabels: { app: web } } }\n',
    )
    await cluster.k('apply', '-f', file)
    await denied('shop', http('near', 80))
  })
})

describe('when all are deleted', () => {
  it('nodes have no rules of them left', async () => {
    await eventually(
      'the rules to go',
      async () =>
        Promise.all(['n1', 'n2', 'n3'].map(async (node) => (await cluster.onNode(node, 'iptables-save')).stdout)),
      (saved) => saved.every((text) => !text.includes('DRYDOCK-NP')),
    )
  })
})
