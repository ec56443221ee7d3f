import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { arrange, at, deployment } from './testing/arrange.ts'
import { warningsOf, warningsOfCreation } from './warnings.ts'

const of = (kind: string, body: object): string[] =>
  warningsOf(partial({ apiVersion: 'v1', kind, metadata: {}, ...body }))
const twice = [
  { name: 'A', value: '1' },
  { name: 'B', value: '2' },
  { name: 'A', value: '3' },
]
const HIDDEN = 'env[2]: hides previous definition of "A", which may be dropped when using apply'

describe('a warning', () => {
  test.each<[string, (template: object) => object, string]>([
    ['Pod', (template) => template, ''],
    ['PodTemplate', (template) => ({ template }), 'template.'],
    ['Deployment', (template) => ({ spec: { template } }), 'spec.template.'],
    ['CronJob', (template) => ({ spec: { jobTemplate: { spec: { template } } } }), 'spec.jobTemplate.spec.template.'],
  ])('tells of a variable that %s gives twice', (kind, around, at) => {
    const body = around({
      spec: { initContainers: [{ name: 'i', env: twice }], containers: [{ name: 'c', env: twice }] },
    })
    expect(of(kind, body)).toEqual([`${at}spec.initContainers[0].${HIDDEN}`, `${at}spec.containers[0].${HIDDEN}`])
  })

  test('tells that a negative grace period is one of a second', () => {
    expect(of('Pod', { spec: { terminationGracePeriodSeconds: -5, containers: [{ name: 'c' }] } })).toEqual([
      'spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
    ])
  })

  test('tells of labels and volumes of old, and of parts of bytes', () => {
    const spec = {
      nodeSelector: { 'beta.kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' },
      volumes: [
        { name: 'a', emptyDir: {} },
        { name: 'b', rbd: {} },
      ],
      containers: [{ name: 'c', resources: { limits: { memory: '1Gi' }, requests: { memory: '1m', cpu: '1m' } } }],
    }
    expect(of('Pod', { spec })).toEqual([
      'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
      'spec.volumes[1].rbd: deprecated in v1.28, non-functional in v1.31+',
      'spec.containers[0].resources.requests[memory]: fractional byte value "1m" is invalid, must be an integer',
    ])
  })

  test('tells of annotations and policies that have a successor', () => {
    const annotations = { 'kubernetes.io/ingress.class': 'a', 'volume.beta.kubernetes.io/storage-class': 'b' }
    const legacy =
      'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead'
    expect(
      warningsOfCreation(partial({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { annotations } })),
    ).toEqual([`annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`])
    expect(of('PersistentVolumeClaim', { metadata: { annotations } })).toEqual([legacy])
    expect(
      of('PersistentVolume', { metadata: { annotations }, spec: { persistentVolumeReclaimPolicy: 'Recycle' } }),
    ).toEqual([legacy, expect.stringContaining('The Recycle reclaim policy is deprecated.')])
  })

  test('is not given without cause', () => {
    for (const kind of ['Pod', 'Deployment', 'CronJob', 'Ingress', 'PersistentVolume', 'ConfigMap'])
      expect(of(kind, { spec: {} })).toEqual([])
    expect(of('Deployment', {})).toEqual([])
  })
})

describe('a client is warned', () => {
  const target = at('apps/v1', 'Deployment', 'd', 'web')
  const odd = (): ReturnType<typeof deployment> => {
    const made = structuredClone(deployment('web')) as ReturnType<typeof deployment> & {
      spec: { template: { spec: { containers: Array<{ env?: object[] }> } } }
    }
    made.spec.template.spec.containers[0]!.env = twice
    return made
  }
  const words = [`spec.template.spec.containers[0].${HIDDEN}`]

  test('of what it creates, and again when it changes the spec, but not by a label', async () => {
    const { registry, write, warnings } = await arrange()
    await registry.create({ ...target, name: '' }, odd(), write)
    expect(warnings.splice(0)).toEqual(words)
    const patch = 'application/merge-patch+json'
    await registry.patch(target, patch, { metadata: { labels: { a: 'b' } } }, write)
    expect(warnings).toEqual([])
    await registry.patch(target, patch, { spec: { replicas: 4 } }, write)
    expect(warnings).toEqual(words)
  })

  test('unless nobody is there to hear it, as of what controllers write', async () => {
    const { registry, write, warnings } = await arrange()
    await registry.create({ ...target, name: '' }, odd(), { ...write, silent: true })
    expect(warnings).toEqual([])
  })

  test('whatever it wants to hear of fields that are unknown', async () => {
    const { registry, write, warnings } = await arrange()
    await registry.create({ ...target, name: '' }, odd(), { ...write, fieldValidation: 'Ignore' })
    expect(warnings).toEqual(words)
  })

  test('of every write of a kind that has no generation', async () => {
    const { registry, write, warnings } = await arrange()
    const service = at('v1', 'Service', 'd', 's')
    const spec = { ports: [{ port: 80 }] }
    const made = { kind: 'Service', apiVersion: 'v1', metadata: { name: 's', namespace: 'd' }, spec }
    await registry.create({ ...service, name: '' }, made, write)
    expect(warnings).toEqual([])
    const patch = 'application/merge-patch+json'
    const said = ['spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"']
    await registry.patch(service, patch, { spec: { trafficDistribution: 'PreferClose' } }, write)
    expect(warnings.splice(0)).toEqual(said)
    await registry.patch(service, patch, { metadata: { labels: { a: 'b' } } }, write)
    expect(warnings.splice(0)).toEqual(said)
    await registry.patch({ ...service, subresource: 'status' }, patch, { status: { loadBalancer: {} } }, write)
    expect(warnings).toEqual([])
  })

  test('of an annotation of a service account when it is set', async () => {
    const { registry, write, warnings } = await arrange()
    const account = at('v1', 'ServiceAccount', 'd', 'a')
    const made = { kind: 'ServiceAccount', apiVersion: 'v1', metadata: { name: 'a', namespace: 'd' } }
    await registry.create({ ...account, name: '' }, made, write)
    const annotate = (annotations: object): Promise<unknown> =>
      registry.patch(account, 'application/merge-patch+json', { metadata: { annotations } }, write)
    await annotate({ 'kubernetes.io/enforce-mountable-secrets': 'true' })
    expect(warnings.splice(0)).toEqual([expect.stringContaining(': deprecated in v1.32+; prefer separate namespaces')])
    await annotate({ other: 'x' })
    expect(warnings).toEqual([])
  })

  test('of a name that is no label, once', async () => {
    const { registry, write, warnings } = await arrange()
    const dotted = { ...target, name: 'a.b' }
    await registry.create({ ...target, name: '' }, deployment('a.b'), write)
    expect(warnings.splice(0)).toEqual([
      'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
    ])
    await registry.patch(dotted, 'application/merge-patch+json', { spec: { replicas: 4 } }, write)
    expect(warnings).toEqual([])
  })
})

test.each([
  ['v1', 'Pod', "the Pod's hostname"],
  ['batch/v1', 'CronJob', 'Pod names and hostnames'],
  ['apps/v1', 'StatefulSet', undefined],
  ['example.com/v1', 'Job', undefined],
])('the name of a %s %s is used in %s', (apiVersion, kind, used) => {
  const found = warningsOfCreation(partial({ apiVersion, kind, metadata: { name: 'a.b' } }))
  expect(found).toEqual(used ? [expect.stringContaining(`metadata.name: this is used in ${used}, which can`)] : [])
})

test('a stateful set is warned of its claims when it is made, and of a history without end', () => {
  const claim = { metadata: { name: 'c' }, spec: { resources: { limits: { storage: '1500m' } } } }
  const spec = { template: {}, revisionHistoryLimit: -1, volumeClaimTemplates: [claim] }
  const object = partial<KubeObject>({ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 's' }, spec })
  const history =
    'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended'
  const fraction =
    'spec.volumeClaimTemplates[0].resources.limits[storage]: fractional byte value "1500m" is invalid, must be an integer'
  expect(warningsOf(object)).toEqual([history])
  expect(warningsOfCreation(object)).toEqual([history, fraction])
})

test('a job of very many indexes is warned of, wherever its spec stands', () => {
  const spec = { completionMode: 'Indexed', completions: 100_001, parallelism: 10_001, template: {} }
  const words = (at: string): unknown[] => [
    expect.stringMatching(`^${at}: In Indexed Jobs with a number of completions`),
  ]
  expect(of('Job', { spec })).toEqual(words('spec'))
  expect(of('CronJob', { spec: { jobTemplate: { spec } } })).toEqual(words('spec.jobTemplate.spec'))
  expect(of('Job', { spec: { ...spec, parallelism: 10_000 } })).toEqual([])
})
