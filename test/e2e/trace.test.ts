/** Where a packet went, on real nodes: a Service on another node, one without endpoints, a wrong port, a name that is not, a node that is away. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TraceDocument, type TraceHop, type TraceRequest, TRACE_PATH } from '../../src-wire/trace/document.ts'
import { TestCluster } from '../helpers/cluster.ts'
import { eventually } from '../helpers/eventually.ts'
import { buildTestImages } from '../helpers/images.ts'

const cluster = new TestCluster('trace')

const pod = (name: string, node: string, labels: string, script: string): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: ${labels} }
spec:
  nodeName: ${node}
  terminationGracePeriodSeconds: 1
  containers: [{ name: c, image: busybox, command: [sh, -c, "${script}"] }]
`
const service = (name: string, spec: string): string => `
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: ${spec}
`
const manifest = [
  pod('client', 'n1', '{ app: client }', 'sleep 100000'),
  pod('web', 'n2', '{ app: web }', 'mkdir /www; exec httpd -f -p 8080 -h /www'),
  pod('near', 'n1', '{ app: near }', 'mkdir /www; exec httpd -f -p 8080 -h /www'),
  pod('shy', 'n2', '{ app: shy }', 'mkdir /www; exec httpd -f -p 127.0.0.1:8080 -h /www'),
  service('web', '{ selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }'),
  service('near', '{ selector: { app: near }, ports: [{ port: 80, targetPort: 8080 }] }'),
  service('wrong', '{ selector: { app: web }, ports: [{ port: 80, targetPort: 8081 }] }'),
  service('shy', '{ selector: { app: shy }, ports: [{ port: 80, targetPort: 8080 }] }'),
  service('empty', '{ selector: { app: nobody }, ports: [{ port: 80 }] }'),
  service('sticky', '{ sessionAffinity: ClientIP, selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }'),
].join('---')

beforeAll(async () => {
  buildTestImages()
  await cluster.drydock('up', '--nodes', '3', '--detach')
  const file = join(cluster.data, 'trace.yaml')
  writeFileSync(file, manifest)
  await cluster.k('apply', '-f', file)
  await cluster.k('wait', '--for=condition=Ready', 'pod', '--all', '--timeout=120s')
  await eventually(
    'endpoints of every service',
    () =>
      cluster.k('get', 'endpointslices', '-o', 'jsonpath={range .items[*]}{.endpoints[*].addresses[0]}{"\\n"}{end}'),
    (text) => text.split('\n').filter((line) => line.startsWith('10.244.')).length >= 5,
  )
})

afterAll(() => cluster.delete())

const client = { kind: 'pod', namespace: 'default', name: 'client' } as const
const to = (name: string): TraceRequest => ({
  source: client,
  destination: { kind: 'service', namespace: 'default', name },
})
const host = (name: string, port: number): TraceRequest => ({
  source: client,
  destination: { kind: 'host', host: name },
  port,
})

/** Through kubectl's own access, as the app does with its own. */
async function trace(request: TraceRequest): Promise<TraceDocument> {
  const file = join(cluster.data, 'request.json')
  writeFileSync(file, JSON.stringify(request))
  return JSON.parse(await cluster.k('create', '--raw', TRACE_PATH, '-f', file)) as TraceDocument
}
const hop = ({ hops }: TraceDocument, id: TraceHop['id']): TraceHop => {
  const found = hops.find((one) => one.id === id)
  if (!found) throw new Error(`no ${id} among ${JSON.stringify(hops)}`)
  return found
}
const lines = (one: TraceHop): string => one.evidence.flatMap((each) => each.lines).join('\n')
const words = ({ hops }: TraceDocument): string => hops.map(({ id, said }) => `${id} ${said}`).join(', ')

describe('where a packet went', () => {
  it('to a Service on another node: name, DNAT, VXLAN, seen there, connected', async () => {
    const told = await trace(to('web'))
    expect(words(told)).toBe(
      'source pod, name found, service chosen, address kept, route overlay, overlay sent, arrival seen, endpoint pod, answer connected',
    )
    expect(told).toMatchObject({
      outcome: 'answered',
      conclusion: { reason: 'connected', values: { target: 'default/web' } },
    })
    expect(hop(told, 'name').values['name']).toBe('web.default.svc.cluster.local')
    expect(lines(hop(told, 'service'))).toMatch(/DNAT --to-destination 10\.244\.\d+\.\d+:8080/)
    expect(lines(hop(told, 'service'))).toMatch(/\[NEW\] tcp .*SYN_SENT src=10\.244/)
    expect(lines(hop(told, 'overlay'))).toMatch(/dst 172\.28\.\d+\.12 self permanent/)
    expect(hop(told, 'overlay').values).toMatchObject({ port: '8472', to: 'n2' })
    expect(hop(told, 'arrival')).toMatchObject({ node: 'n2' })
    expect(lines(hop(told, 'arrival'))).toMatch(/ESTABLISHED src=10\.244/)
    expect(hop(told, 'endpoint').values['link']).toMatch(/^veth/)
  })

  it('to a Service on the same node stays on it', async () => {
    const told = await trace(to('near'))
    expect(told.outcome).toBe('answered')
    expect(words(told)).toContain('route link')
    expect(words(told)).not.toContain('overlay')
  })

  it('to a Service that keeps its clients goes where it went before', async () => {
    await trace(to('sticky'))
    expect(words(await trace(to('sticky')))).toContain('service kept')
  })

  it('to a Service without endpoints is rejected by kube-proxy, and why there are none', async () => {
    const told = await trace(to('empty'))
    expect(told).toMatchObject({
      outcome: 'refused',
      conclusion: { reason: 'noPodsMatch', values: { selector: 'app=nobody' } },
    })
    expect(lines(hop(told, 'service'))).toContain('default/empty has no endpoints')
  })

  it('to a wrong targetPort is refused by the pod, which listens elsewhere', async () => {
    const told = await trace(to('wrong'))
    expect(told).toMatchObject({
      outcome: 'refused',
      conclusion: {
        reason: 'listensElsewhere',
        values: { endpointPort: '8081', listening: '8080', target: 'default/web' },
      },
    })
    expect(lines(hop(told, 'arrival'))).toContain('[DESTROY]')
  })

  it('to a program that listens on its loopback only is told so', async () => {
    expect((await trace(to('shy'))).conclusion.reason).toBe('loopbackOnly')
  })

  it('to a port that the Service does not have is told its ports', async () => {
    const told = await trace({ ...to('web'), port: 81 })
    expect(told.conclusion).toMatchObject({ reason: 'noServicePort', values: { ports: '80' } })
  })

  it('to a name that is not is never sent', async () => {
    const told = await trace(host('nosuch', 80))
    expect(told).toMatchObject({ outcome: 'unsent', conclusion: { reason: 'noSuchName' } })
    expect(lines(hop(told, 'name'))).toContain('nosuch.default.svc.cluster.local. A → NXDOMAIN')
  })

  it('to the API server leaves the pod network with the address of its node', async () => {
    const told = await trace(to('kubernetes'))
    expect(told.outcome).toBe('answered')
    expect(words(told)).toContain('address replaced')
    expect(words(told)).toContain('arrival outside')
  })

  it('from a node is masqueraded', async () => {
    const told = await trace({ ...to('web'), source: { kind: 'node', name: 'n3' } })
    expect(told.outcome).toBe('answered')
    expect(words(told)).toContain('source node, service chosen, address replaced')
  })

  it('by UDP to the cluster DNS is answered by the node itself', async () => {
    const told = await trace({
      source: client,
      destination: { kind: 'service', namespace: 'kube-system', name: 'kube-dns' },
      port: 53,
      protocol: 'UDP',
    })
    expect(told.outcome).toBe('answered')
    expect(words(told)).toContain('service ownDns')
  })

  it('that a NetworkPolicy forbids is told by its rule, before the name and after it', async () => {
    const apply = async (spec: object): Promise<void> => {
      const file = join(cluster.data, 'policy.json')
      const metadata = { name: 'client', namespace: 'default' }
      writeFileSync(file, JSON.stringify({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec }))
      await cluster.k('apply', '-f', file)
    }
    const podSelector = { matchLabels: { app: 'client' } }
    const becomes = (reason: string) =>
      eventually(
        reason,
        () => trace(to('web')),
        ({ conclusion }) => conclusion.reason === reason,
      )
    await apply({ podSelector, policyTypes: ['Egress'] })
    expect(words(await becomes('policyDns'))).toBe('source pod, name silent, policy egress')
    await apply({ podSelector, policyTypes: ['Egress'], egress: [{ ports: [{ protocol: 'UDP', port: 53 }] }] })
    expect(lines(hop(await becomes('policyEgress'), 'policy'))).toContain('-j DROP')
    await cluster.k('delete', 'networkpolicy', 'client')
    await becomes('connected')
  })

  it('leaves nothing behind on the nodes', async () => {
    for (const node of ['n1', 'n2', 'n3'])
      expect((await cluster.onNode(node, 'sh', '-c', 'pgrep -x conntrack; pgrep -x socat')).stdout).toBe('')
  })

  it('to a pod on a node that is away is lost there, and from that node nothing is sent', async () => {
    await cluster.drydock('node', 'stop', 'n2')
    await eventually(
      'the tunnel of n2 is gone',
      () => trace({ ...to('near'), source: { kind: 'node', name: 'n2' } }),
      ({ conclusion }) => conclusion.reason === 'sourceNodeAway',
    )
    const told = await trace({
      source: client,
      destination: { kind: 'pod', namespace: 'default', name: 'web' },
      port: 8080,
    })
    expect(told).toMatchObject({ outcome: 'lost', conclusion: { reason: 'nodeAway', values: { node: 'n2' } } })
    expect(words(told)).toContain('overlay sent, arrival nodeAway')
  })
})
