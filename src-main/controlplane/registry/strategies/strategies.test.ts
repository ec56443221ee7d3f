import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { findKind } from '../../../../src-kube/kinds/index.ts'
import { parseApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { Strategy, StrategyContext } from '../strategy.ts'
import { createStrategies } from './index.ts'
import { validateObjectMeta } from './metadata.ts'

const context: StrategyContext = {
  user: { name: 'admin', groups: [] },
  now: 0,
  dryRun: false,
  subresource: '',
  read: { get: () => Promise.resolve(undefined), list: () => Promise.resolve([]) },
  warn: () => undefined,
}
const fresh = () => createStrategies({ serviceCidr: '10.96.0.0/16', nodePortRange: { first: 30000, last: 32767 } })

/** An object on its way in: defaulted and converted, its strategy beside it. */
function admitted(input: KubeObject): { object: KubeObject; strategy: Strategy } {
  const { group, version } = parseApiVersion(input.apiVersion)
  const kind = findKind(group, input.kind)
  const served = kind?.served.find((s) => s.group === group && s.version === version)
  if (!kind || !served) throw new Error(`${input.apiVersion} ${input.kind} is not served`)
  let object = structuredClone(input)
  served.defaults?.(object)
  object = served.toStorage?.(object) ?? { ...object, apiVersion: kind.group ? `${kind.group}/v1` : 'v1' }
  return { object, strategy: fresh().get(`${kind.group}/${kind.plural}`) ?? {} }
}

async function errorsOf(input: KubeObject): Promise<string[]> {
  const { object, strategy } = admitted(input)
  await strategy.prepareForCreate?.(context, object)
  return (strategy.validate?.(context, object) ?? []).map((e) => `${e.field}: ${e.message}`)
}

function made(apiVersion: string, kind: string, rest: Record<string, unknown>, name = 'x'): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace: 'd', uid: 'u', resourceVersion: '' }, ...rest }
}
const pod = (container: Record<string, unknown>, spec: Record<string, unknown> = {}) =>
  made('v1', 'Pod', { spec: { containers: [{ name: 'c', image: 'i', ...container }], ...spec } })

test.each(['config', 'hello', 'pods', 'scheduling', 'services', 'volumes'])(
  '%s.yaml of the acceptance suite is valid',
  async (file) => {
    const text = readFileSync(new URL(`../../../../test/fixtures/acceptance/${file}.yaml`, import.meta.url), 'utf8')
    const objects = parseAllDocuments(text).flatMap((d) => (d.toJS() as KubeObject | null) ?? [])
    expect(objects.length).toBeGreaterThan(0)
    expect(await Promise.all(objects.map(errorsOf))).toEqual(objects.map(() => []))
  },
)

test.each<[string, KubeObject, string]>([
  ['an image is required', pod({ image: '' }), 'spec.containers[0].image: Required value'],
  [
    'mounts name volumes',
    pod({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
    'spec.containers[0].volumeMounts[0].name: Not found: "v"',
  ],
  [
    'restart policies are closed',
    pod({}, { restartPolicy: 'Maybe' }),
    'spec.restartPolicy: Unsupported value: "Maybe": supported values: "Always", "Never", "OnFailure"',
  ],
  [
    'requests fit limits',
    pod({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }),
    'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
  ],
  [
    'a selector fits its template',
    made('apps/v1', 'Deployment', {
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'c' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      },
    }),
    'spec.template.metadata.labels: Invalid value: {"a":"c"}: `selector` does not match template `labels`',
  ],
  [
    'an Ingress says something',
    made('networking.k8s.io/v1', 'Ingress', { spec: {} }),
    'spec: Invalid value: []: either `defaultBackend` or `rules` must be specified',
  ],
])('%s', async (_, object, message) => {
  expect(await errorsOf(object)).toEqual([message])
})

test('names are judged in the words of Kubernetes', () => {
  const words = (name: string) =>
    validateObjectMeta(made('v1', 'ConfigMap', {}, name), { namespaced: true }).map((e) => `${e.field}: ${e.message}`)
  expect(words('')).toEqual(['metadata.name: Required value: name or generateName is required'])
  expect(words('A')[0]).toMatch(/^metadata.name: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of/)
})

test('a pod starts Pending and may change little but its images', async () => {
  const { object, strategy } = admitted(pod({}))
  await strategy.prepareForCreate?.(context, object)
  expect(object['status']).toEqual({ phase: 'Pending', qosClass: 'BestEffort' })
  const image = admitted(pod({ image: 'j', imagePullPolicy: 'Always' })).object
  expect(strategy.validateUpdate?.(context, image, object)).toEqual([])
  const other = admitted(pod({}, { restartPolicy: 'Never' })).object
  expect(strategy.validateUpdate?.(context, other, object)[0]?.message).toMatch(
    /^Forbidden: pod updates may not change fields other than `spec.containers/,
  )
})

test('a pod is deleted at once until it is bound', () => {
  const { object, strategy } = admitted(pod({}))
  expect(strategy.gracePeriod?.(object, undefined)).toBe(0)
  expect(strategy.gracePeriod?.(admitted(pod({}, { nodeName: 'n1' })).object, undefined)).toBe(30)
})

test('cluster IPs and node ports are unique, and free again after undo or delete', async () => {
  const strategy = fresh().get('/services')
  if (!strategy?.allocate) throw new Error('services have no allocation')
  const service = (name: string, clusterIP?: string) =>
    admitted(
      made(
        'v1',
        'Service',
        { spec: { type: 'NodePort', ...(clusterIP ? { clusterIP } : {}), ports: [{ port: 80, nodePort: 30003 }] } },
        name,
      ),
    ).object
  const first = service('a')
  await strategy.allocate(context, first, undefined)
  expect((first['spec'] as { clusterIP: string }).clusterIP).toMatch(/^10\.96\./)
  await expect(strategy.allocate(context, service('b'), undefined)).rejects.toThrow(
    'Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 30003: provided port is already allocated',
  )
  strategy.release?.(first)
  const undo = await strategy.allocate(context, service('b', '10.96.0.10'), undefined)
  undo?.()
  await expect(strategy.allocate(context, service('c', '10.96.0.10'), undefined)).resolves.toBeTypeOf('function')
})

test('a secret keeps what stringData brought, encoded', async () => {
  const { object, strategy } = admitted(made('v1', 'Secret', { stringData: { k: 'hello' } }))
  await strategy.prepareForCreate?.(context, object)
  expect(object).toMatchObject({ type: 'Opaque', data: { k: 'aGVsbG8=' } })
  expect('stringData' in object).toBe(false)
})
