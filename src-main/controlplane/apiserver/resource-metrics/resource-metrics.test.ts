import { beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../src-kube/machinery/clock.ts'
import { decodeProtobuf } from '../../../../src-kube/machinery/protobuf/decode.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import type { StatsSummary } from '../../../../src-wire/node/stats-summary.ts'
import { FakeObjects } from '../../admission/testing/arrange.ts'
import { Discovery } from '../discovery.ts'
import { protobufOf, type Exchange } from '../http/exchange.ts'
import { PROTOBUF } from '../http/negotiation.ts'
import { parseRequest } from '../http/request-info.ts'
import { ResourceTable } from '../resources.ts'
import { createResourceMetrics, isResourceMetrics } from './index.ts'
import { metricsResources } from './resources.ts'

const BASE = '/apis/metrics.k8s.io/v1beta1'
const TIME = '2026-01-01T00:00:07.25Z'
const used = (nanos: number, bytes: number) => ({
  cpu: { time: TIME, usageNanoCores: nanos },
  memory: { workingSetBytes: bytes },
})

let objects: FakeObjects
let told: Map<string, StatsSummary>
let asked: string[]
/** What the client likes, and the forms that it was answered in. */
let accept: string | undefined
let forms: unknown[]
beforeEach(() => {
  objects = new FakeObjects()
  asked = []
  accept = undefined
  forms = []
  told = new Map<string, StatsSummary>([
    [
      'n1',
      {
        node: used(1_234_567_891, 12_345 * 1024),
        pods: [
          {
            podRef: { uid: 'a' },
            containers: [
              { name: 'c', ...used(120_000_000, 4096) },
              { name: 'd', ...used(0, 1) },
            ],
          },
          { podRef: { uid: 'partly' }, containers: [{ name: 'c', ...used(5, 4096) }, { name: 'd' }] },
        ],
      },
    ],
    ['blind', { node: used(0, 0) }],
  ])
  for (const name of ['n1', 'blind', 'silent'])
    objects.put('', 'nodes', { metadata: { name, labels: { 'kubernetes.io/hostname': name } }, spec: {} })
  const pod = (namespace: string, name: string, uid: string, nodeName?: string) =>
    objects.put('', 'pods', { metadata: { namespace, name, uid, labels: { app: name } }, spec: { nodeName } })
  pod('default', 'web', 'a', 'n1')
  pod('default', 'new', 'b', 'n1')
  pod('default', 'waits', 'c')
  pod('other', 'half', 'partly', 'n1')
  pod('other', 'far', 'f', 'silent')
})

async function ask(path: string, method = 'GET'): Promise<unknown> {
  const serve = createResourceMetrics({
    read: objects,
    summaries(nodes) {
      asked.push(...nodes)
      return Promise.resolve(told)
    },
    clock: new FakeClock(Date.parse('2026-01-01T00:00:10Z')),
  })
  const info = parseRequest(method, BASE + path)
  expect(isResourceMetrics(info)).toBe(true)
  let sent: unknown
  const sendObject = (_code: number, form: unknown, body: unknown): void => {
    forms.push(form)
    sent = body
  }
  await serve(partial<Exchange>({ info, header: () => accept, sendObject }))
  return sent
}

const names = async (path: string) =>
  ((await ask(path)) as { items: Array<{ metadata: { name: string } }> }).items.map(({ metadata }) => metadata.name)

describe('the resource metrics of nodes', () => {
  it('are nanocores and bytes of the working set', async () => {
    expect(await ask('/nodes/n1')).toEqual({
      kind: 'NodeMetrics',
      apiVersion: 'metrics.k8s.io/v1beta1',
      metadata: {
        name: 'n1',
        creationTimestamp: '2026-01-01T00:00:10Z',
        labels: { 'kubernetes.io/hostname': 'n1' },
      },
      timestamp: '2026-01-01T00:00:07Z',
      window: '1s',
      usage: { cpu: '1234567891n', memory: '12345Ki' },
    })
  })

  it('come as protocol buffers too, as metrics-server has them', async () => {
    const list = await ask('/nodes')
    const { metadata, timestamp, window, usage } = (list as { items: object[] }).items[0] as Record<string, unknown>
    const items = [{ metadata, timestamp, window, usage }]
    expect(decodeProtobuf(protobufOf(list as object))).toMatchObject({ kind: 'NodeMetricsList', items })
    expect(forms.at(-1)).toEqual(expect.objectContaining({ encoding: 'json' }))
    accept = `${PROTOBUF},application/json`
    await ask('/pods')
    expect(forms.at(-1)).toEqual(expect.objectContaining({ encoding: 'protobuf' }))
  })

  it('are listed without nodes that do not answer or measure nothing', async () => {
    expect(await ask('/nodes')).toMatchObject({
      kind: 'NodeMetricsList',
      apiVersion: 'metrics.k8s.io/v1beta1',
      metadata: {},
      items: [{ metadata: { name: 'n1' } }],
    })
    expect(asked).toEqual(['n1', 'blind', 'silent'])
    expect(await names('/nodes?labelSelector=kubernetes.io%2Fhostname%3Dsilent')).toEqual([])
  })

  it('are not found by name without figures, nor is a node that is not there', async () => {
    await expect(ask('/nodes/silent')).rejects.toMatchObject({
      code: 404,
      message: 'nodemetrics.metrics.k8s.io "silent" not found',
    })
    await expect(ask('/nodes/nope')).rejects.toThrow('nodes "nope" not found')
  })
})

describe('the resource metrics of pods', () => {
  it('tell of each container', async () => {
    expect(await ask('/namespaces/default/pods/web')).toMatchObject({
      kind: 'PodMetrics',
      metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
      timestamp: '2026-01-01T00:00:07Z',
      containers: [
        { name: 'c', usage: { cpu: '120m', memory: '4Ki' } },
        { name: 'd', usage: { cpu: '0', memory: '1' } },
      ],
    })
    expect(asked).toEqual(['n1'])
  })

  it('tell over how long a time they are averages', async () => {
    const { cpu, memory } = used(5, 4096)
    const containers = [{ name: 'c', cpu: { ...cpu, window: 12.25 }, memory }]
    told.set('n1', { pods: [{ podRef: { uid: 'a' }, containers }] })
    expect(await ask('/namespaces/default/pods/web')).toMatchObject({ window: '12.25s' })
  })

  it('are not found while they have none, or one of their containers has none', async () => {
    for (const [namespace, name] of [
      ['default', 'new'],
      ['default', 'waits'],
      ['other', 'half'],
      ['other', 'far'],
    ])
      await expect(ask(`/namespaces/${namespace}/pods/${name}`)).rejects.toMatchObject({
        code: 404,
        message: `podmetrics.metrics.k8s.io "${namespace}/${name}" not found`,
      })
    await expect(ask('/namespaces/default/pods/nope')).rejects.toThrow('pods "nope" not found')
  })

  it('are listed of one namespace or of all, as selectors of labels and fields say', async () => {
    expect(await names('/pods')).toEqual(['web'])
    expect(await names('/namespaces/default/pods')).toEqual(['web'])
    expect(await names('/namespaces/other/pods')).toEqual([])
    expect(await names('/pods?labelSelector=app%3Dweb')).toEqual(['web'])
    expect(await names('/pods?labelSelector=app%3Dnew')).toEqual([])
    expect(await names('/pods?fieldSelector=spec.nodeName%3Dn1')).toEqual(['web'])
    expect(await names('/pods?fieldSelector=metadata.name%21%3Dweb')).toEqual([])
    await expect(ask('/pods?fieldSelector=spec.odd%3D1')).rejects.toThrow('field label not supported: spec.odd')
  })
})

it('Resource metrics are read only, and each where it belongs', async () => {
  await expect(ask('/nodes?watch=true')).rejects.toMatchObject({ code: 405 })
  await expect(ask('/nodes', 'POST')).rejects.toMatchObject({ code: 405 })
  await expect(ask('/pods/web')).rejects.toMatchObject({ code: 404 })
  await expect(ask('/namespaces/default/nodes')).rejects.toMatchObject({ code: 404 })
  await expect(ask('/nodes/n1/proxy')).rejects.toMatchObject({ code: 404 })
})

it('Discovery lists the resource metrics once, whoever serves them', () => {
  const remote: Array<{ group: string; version: string; resources: object[] }> = []
  const discovery = new Discovery(new ResourceTable([], []), metricsResources, () => remote)
  expect(discovery.resourceList('metrics.k8s.io', 'v1beta1')).toMatchObject({
    resources: [
      { name: 'nodes', kind: 'NodeMetrics', namespaced: false, verbs: ['get', 'list'] },
      { name: 'pods', kind: 'PodMetrics', namespaced: true, verbs: ['get', 'list'] },
    ],
  })
  const resources = () =>
    (discovery.aggregated(discovery.groups, 'v2') as { items: Array<{ versions: Array<{ resources: object[] }> }> })
      .items[0]!.versions[0]!.resources
  expect(resources()).toMatchObject([
    { resource: 'nodes', scope: 'Cluster', responseKind: { kind: 'NodeMetrics' } },
    { resource: 'pods', scope: 'Namespaced', responseKind: { kind: 'PodMetrics' } },
  ])
  remote.push({ group: 'metrics.k8s.io', version: 'v1beta1', resources: [{ resource: 'others' }] })
  expect(resources()).toEqual([{ resource: 'others' }])
})
