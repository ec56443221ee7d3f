/** Traces in a real kernel: two nodes of namespaces, the agent's own tools and rules, and the control plane's reading of both ends. */
import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src-kube/machinery/clock.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { traceDocument } from '../../src-main/controlplane/apiserver/trace/index.ts'
import type { ServicePort } from '../../src-node/proxy/rules/model.ts'
import type { NodeConnection, NodeTunnels } from '../../src-wire/node/node-connection.ts'
import type { TraceDestination, TraceDocument, TraceHop, TraceRequest } from '../../src-wire/trace/document.ts'
import { TwoNodes } from '../helpers/two-nodes.ts'
import { whyNoNodeNetwork } from '../helpers/node-network.ts'

const why = whyNoNodeNetwork() ?? (spawnSync('socat', ['-V']).status === 0 ? undefined : 'socat is not installed')
it.each(why ? [why] : [])('cannot be tried here: %s', (reason) => expect(reason).toBe(why))

const nodes = new TwoNodes('tr')
const [client, near, web, gone] = ['10.244.1.5', '10.244.1.6', '10.244.2.7', '10.244.2.99'] as const
const addresses = {
  web: '10.96.20.1',
  empty: '10.96.20.2',
  wrong: '10.96.20.3',
  sticky: '10.96.20.4',
  self: '10.96.20.5',
  near: '10.96.20.6',
}
type Name = keyof typeof addresses

const servicePort = (name: Name, endpoints: Array<[string, number]>, more: Partial<ServicePort> = {}): ServicePort => ({
  id: `default/${name}`,
  protocol: 'tcp',
  clusterIp: addresses[name],
  port: 80,
  nodePort: undefined,
  externalIps: [],
  balancerIps: [],
  all: endpoints.map(([ip, port]) => ({ ip, port, local: false })),
  local: [],
  internalLocal: false,
  externalLocal: false,
  affinitySeconds: undefined,
  sourceRanges: [],
  ...more,
})
const ports = [
  servicePort('web', [[web, 8080]], { nodePort: 30_080 }),
  servicePort('empty', []),
  servicePort('wrong', [[web, 8081]]),
  servicePort(
    'sticky',
    [
      [web, 8080],
      [near, 8080],
    ],
    { affinitySeconds: 600 },
  ),
  servicePort('self', [[client, 8080]]),
  servicePort('near', [[near, 8080]]),
]

const object = (value: object): KubeObject => value as KubeObject
const node = (at: number) =>
  object({
    metadata: {
      name: `n${at}`,
      annotations: {
        'flannel.alpha.coreos.com/public-ip': `172.28.0.1${at}`,
        'flannel.alpha.coreos.com/backend-data': `{"VNI":1,"VtepMAC":"0e:d0:ac:1c:00:0${at}"}`,
      },
    },
    spec: { podCIDR: `10.244.${at}.0/24` },
    status: { addresses: [{ type: 'InternalIP', address: `172.28.0.1${at}` }] },
  })
const pod = (name: string, ip: string, nodeName: string) =>
  object({
    metadata: { name, namespace: 'default', labels: { app: name } },
    spec: { nodeName, containers: [] },
    status: { podIP: ip },
  })
const objects: Record<string, KubeObject[]> = {
  nodes: [node(1), node(2)],
  pods: [pod('client', client, 'n1'), pod('near', near, 'n1'), pod('web', web, 'n2')],
  services: ports.map(({ id, clusterIp }) => {
    const name = id.split('/')[1]!
    const spec = { clusterIP: clusterIp, ports: [{ port: 80 }], selector: { app: name } }
    return object({ metadata: { name, namespace: 'default' }, spec })
  }),
  endpointslices: ports.map(({ id, all }) => {
    const name = id.split('/')[1]!
    const endpoints = all.map(({ ip }) => ({ addresses: [ip], nodeName: ip.startsWith('10.244.1.') ? 'n1' : 'n2' }))
    const labels = { 'kubernetes.io/service-name': name }
    return object({ metadata: { name, namespace: 'default', labels }, endpoints })
  }),
}
const read = {
  get: (_: string, resource: string, __: string, name: string) =>
    Promise.resolve(objects[resource]!.find(({ metadata }) => metadata.name === name)),
  list: (_: string, resource: string) => Promise.resolve(objects[resource]!),
}
const tunnels: NodeTunnels = {
  has: (name) => name === 'n1' || name === 'n2',
  get: (name) => ({ trace: nodes.agent(name as 'n1') }) as NodeConnection,
  list: () => ['n1', 'n2'],
}

const source = { kind: 'pod', namespace: 'default', name: 'client' } as const
const to = (name: Name): TraceDestination => ({ kind: 'service', namespace: 'default', name })
const host = (name: string): TraceDestination => ({ kind: 'host', host: name })
const trace = (destination: TraceDestination, more: Partial<TraceRequest> = {}): Promise<TraceDocument> =>
  traceDocument({ source, destination, ...more }, { read, tunnels, clock: systemClock }, () => Promise.resolve(true))
const words = ({ hops }: TraceDocument): string => hops.map(({ id, said }) => `${id} ${said}`).join(', ')
const shown = ({ hops }: TraceDocument, id: TraceHop['id']): string =>
  hops
    .filter((hop) => hop.id === id)
    .flatMap(({ evidence }) => evidence.flatMap(({ lines }) => lines))
    .join('\n')

describe.skipIf(why)('a packet in a real kernel', () => {
  beforeAll(async () => {
    await nodes.start(ports)
    await nodes.addPod('n1', 'client', client)
    await nodes.addPod('n1', 'near', near, 'TCP4-LISTEN:8080')
    await nodes.addPod('n2', 'web', web, 'TCP4-LISTEN:8080', 'TCP4-LISTEN:9090,bind=127.0.0.1')
    await nodes.serveNames('n1', addresses)
  })
  afterAll(() => nodes.stop())

  it('to a Service on another node is followed by name, rules, overlay and arrival to its answer', async () => {
    const told = await trace(to('web'))
    expect(words(told)).toBe(
      'source pod, name found, service chosen, address kept, route overlay, overlay sent, arrival seen, endpoint pod, answer connected',
    )
    expect(shown(told, 'service')).toContain(`DNAT --to-destination ${web}:8080`)
    expect(shown(told, 'arrival')).toMatch(/ESTABLISHED src=10\.244\.1\.5/)
    expect(shown(told, 'overlay')).toContain('dst 172.28.0.12 self permanent')
    expect(told.hops.find(({ id }) => id === 'endpoint')?.values).toMatchObject({
      link: 'vethweb',
      target: 'default/web',
    })
  })

  it('that is refused leaves no entry, and is told by what the kernel said meanwhile', async () => {
    const told = await trace(to('wrong'))
    expect(told.conclusion).toMatchObject({
      reason: 'listensElsewhere',
      values: { listening: '8080', endpointPort: '8081' },
    })
    expect(shown(told, 'arrival')).toMatch(/\[DESTROY\].* CLOSE /)
  })

  it('to a Service without endpoints is rejected by a rule whose counter grew', async () => {
    const told = await trace(to('empty'))
    expect(told.conclusion.reason).toBe('noPodsMatch')
    expect(shown(told, 'service')).toContain('default/empty has no endpoints')
  })

  it('stays with its endpoint where a Service keeps its clients', async () => {
    expect(words(await trace(to('sticky')))).toContain('service chosenSticky')
    expect(words(await trace(to('sticky')))).toContain('service kept')
  })

  it('to itself by its Service, from a node, and out of the cluster has its source replaced', async () => {
    expect(words(await trace(to('self')))).toContain('address replaced')
    expect(words(await trace(to('web'), { source: { kind: 'node', name: 'n1' } }))).toContain(
      'source node, service chosen, address replaced',
    )
    const nodePort = await trace(host('172.28.0.12'), { port: 30_080 })
    expect(words(nodePort)).toContain('address replaced, route link, arrival seen, endpoint pod, answer connected')
    expect(nodePort.conclusion.values).toMatchObject({ target: 'default/web', endpointPort: '8080' })
  })

  it('on one node stays there', async () => {
    const told = await trace(to('near'))
    expect(told.outcome).toBe('answered')
    expect(words(told)).not.toContain('overlay')
  })

  it('to a name that is not is never sent, and the search list was tried', async () => {
    const told = await trace(host('nosuch'), { port: 80 })
    expect(told.conclusion.reason).toBe('noSuchName')
    expect(shown(told, 'name')).toMatch(
      /nosuch\.default\.svc\.cluster\.local\. A → NXDOMAIN[\s\S]*nosuch\. A → NXDOMAIN/,
    )
  })

  it('to a loopback, to nobody, and to a port that a Service does not have is told apart', async () => {
    expect((await trace({ kind: 'pod', namespace: 'default', name: 'web' }, { port: 9090 })).conclusion.reason).toBe(
      'loopbackOnly',
    )
    expect((await trace(host(gone), { port: 80 })).conclusion.reason).toBe('noSuchAddress')
    expect((await trace(to('web'), { port: 81 })).conclusion.reason).toBe('noServicePort')
  })

  it('that the pod swallows came there and was not answered; one that its policy drops is told by its rule', async () => {
    await nodes.inside('web', 'iptables', '-A', 'INPUT', '-p', 'tcp', '--dport', '8080', '-j', 'DROP')
    expect((await trace(to('web'))).conclusion).toMatchObject({ reason: 'noAnswer', values: { node: 'n2' } })
    await nodes.inside('web', 'iptables', '-F', 'INPUT')
    const chain = 'DRYDOCK-NP-I-0123456789ab'
    const rules = [
      `-N ${chain}`,
      `-A ${chain} -j DROP`,
      `-I FORWARD -d ${web}/32 -m comment --comment default/web -g ${chain}`,
    ]
    for (const rule of rules) await nodes.inside('n2', 'iptables', ...rule.split(' '))
    const told = await trace(to('web'))
    expect(told.conclusion.reason).toBe('policyIngress')
    expect(shown(told, 'policy')).toContain(`-A ${chain} -j DROP`)
    await nodes.inside('n2', 'iptables', '-F', 'FORWARD')
  })

  it('whose name a policy does not let its pod ask for is told by that policy', async () => {
    const chain = 'DRYDOCK-NP-E-0123456789ab'
    const asking = `-I INPUT -s ${client}/32 -m comment --comment default/client -g ${chain}`
    for (const rule of [`-N ${chain}`, `-A ${chain} -j DROP`, asking])
      await nodes.inside('n1', 'iptables', ...rule.split(' '))
    const told = await trace(to('web'))
    expect(words(told)).toBe('source pod, name silent, policy egress')
    expect(told.conclusion.reason).toBe('policyDns')
    await nodes.inside('n1', 'iptables', ...asking.replace('-I', '-D').split(' '))
  })

  it('that the overlay sends astray is told by the entry that is wrong', async () => {
    const entry = (verb: string, to_: string) =>
      nodes.inside(
        'n1',
        'bridge',
        'fdb',
        verb,
        '0e:d0:ac:1c:00:02',
        'dev',
        'flannel.1',
        'dst',
        to_,
        'self',
        'permanent',
      )
    await entry('replace', '172.28.0.13')
    const told = await trace(to('web'))
    expect(told.conclusion.reason).toBe('overlayBroken')
    expect(words(told)).toContain('overlay otherLease, arrival notSeen')
    await entry('replace', '172.28.0.12')
    expect((await trace(to('web'))).outcome).toBe('answered')
  })
})
