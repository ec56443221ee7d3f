import { describe, expect, test } from 'vitest'
import { kinds } from '../../../../src-kube/kinds/index.ts'
import { formatApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import { arrange, at } from '../testing/arrange.ts'
import { refusal } from '../testing/refusals.ts'

/** Bodies with as little in them as a hand at `kubectl create -f -` may give: what is missing is for validation to name. */
const bodies: object[] = [
  {},
  { spec: {} },
  { spec: { template: {} } },
  { spec: { template: { spec: {} }, selector: {} } },
  { spec: { jobTemplate: {} } },
  { spec: { jobTemplate: { spec: { template: { spec: {} } } } } },
  { spec: { limits: [{}], rules: [{}], ports: [{}], tls: [{}], ingress: [{}], egress: [{ to: [{}] }] } },
  { spec: { containers: [{}], initContainers: [{}], volumes: [{}], tolerations: [{}], affinity: {} } },
  { spec: { versions: [{}], names: {}, conversion: {}, validations: [{}], mutations: [{}], metrics: [{}] } },
  { spec: { devices: { requests: [{}] }, drivers: [{}], capacity: {}, accessModes: [], hard: {} } },
  { webhooks: [{}], rules: [{}], subjects: [{}], roleRef: {}, data: {}, subsets: [{}], endpoints: [{}], ports: [{}] },
]

describe('an object that says next to nothing', () => {
  test.each(kinds)('$kind is made or refused, and never breaks the server', async ({ group, storageVersion, kind }) => {
    const { registry, write } = await arrange()
    const apiVersion = formatApiVersion(group, storageVersion)
    const target = at(apiVersion, kind, 'd')
    if (target.descriptor.scope === 'Cluster') target.namespace = ''
    const lenient = { ...write, dryRun: true, fieldValidation: 'Ignore' as const }
    for (const body of bodies.flatMap((one) => [
      { metadata: { name: 'x' }, ...one },
      { metadata: {}, ...one },
    ])) {
      const made = registry.create(target, { apiVersion, kind, ...body }, lenient)
      const code = await made.then(
        () => 201,
        (error: { code?: number }) => error.code ?? error,
      )
      expect({ body, allowed: [201, 400, 403, 422].includes(code as number), code }).toEqual({
        body,
        allowed: true,
        code,
      })
    }
  })

  test.each(['Namespace', 'LimitRange', 'Node'])('of which %s has what every one has', async (kind) => {
    const { registry, write } = await arrange()
    const target = at('v1', kind, kind === 'LimitRange' ? 'd' : '')
    const metadata = kind === 'LimitRange' ? {} : { name: 'x' }
    const { object } = await registry.create(target, { apiVersion: 'v1', kind, metadata, spec: {} }, write)
    if (kind === 'LimitRange') expect(object.metadata.name).toMatch(/^[0-9a-f-]{36}$/)
    if (kind === 'Node')
      expect(object['status']).toMatchObject({
        daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
        nodeInfo: { kubeletVersion: '' },
      })
  })

  test('is told once that it has no name', async () => {
    const group = { group: 'a.io', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 }
    const cases: Array<[string, string, object]> = [
      ['apiregistration.k8s.io/v1', 'APIService', group],
      ['storage.k8s.io/v1', 'CSIDriver', {}],
      ['v1', 'Namespace', {}],
      ['scheduling.k8s.io/v1', 'PriorityClass', {}],
    ]
    for (const [apiVersion, kind, spec] of cases) {
      const said = await refusal(apiVersion, kind, { metadata: {}, ...(kind === 'PriorityClass' ? {} : { spec }) })
      expect(said).toBe('metadata.name: Required value: name or generateName is required')
    }
    expect(
      await refusal('apiregistration.k8s.io/v1', 'APIService', { metadata: { generateName: 'v1.' }, spec: group }),
    ).toMatch(
      /^\[metadata.generateName: Invalid value: "v1.": must be `spec.version\+"."\+spec.group`: "v1.a.io", metadata.name: /,
    )
  })
})
