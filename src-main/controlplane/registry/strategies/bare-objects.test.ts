import { describe, expect, test } from 'vitest'
import { kinds } from '../../../../src-kube/kinds/index.ts'
import { formatApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import { arrange, at } from '../testing/arrange.ts'

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
    for (const body of bodies) {
      const made = registry.create(target, { apiVersion, kind, metadata: { name: 'x' }, ...body }, lenient)
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
})
