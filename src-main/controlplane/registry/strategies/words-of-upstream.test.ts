import { describe, expect, test } from 'vitest'
import { arrange, at } from '../testing/arrange.ts'
import { refusal, saidAgainst } from '../testing/refusals.ts'

const container = { name: 'c', image: 'i' }
const pod = (volumes: object[], volumeMounts: object[] = []) => ({
  spec: { volumes, containers: [{ ...container, volumeMounts }] },
})
const volume = (source: object, capacity: object = { storage: '1Gi' }) => ({
  spec: { capacity, accessModes: ['ReadWriteOnce'], ...source },
})
const env = (valueFrom: object) => ({ spec: { containers: [{ ...container, env: [{ name: 'A', valueFrom }] }] } })
const files = (items: object[]) => pod([{ name: 'v', downwardAPI: { items } }])
const projected = (...sources: object[]) => pod([{ name: 'v', projected: { sources } }])
const terms = (key: string, values: string[]) => ({ matchLabelExpressions: [{ key, values }] })
const limits = (item: object) => ({ spec: { limits: [{ type: 'Container', ...item }] } })
const scoped = (matchExpression: object) => ({
  spec: { hard: { pods: '1' }, scopeSelector: { matchExpressions: [matchExpression] } },
})
const backend = (more: object) => ({ spec: { defaultBackend: more } })
const port = (more: object) => ({ subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80, ...more }] }] })
const owner = (apiVersion: string) => ({
  metadata: { name: 'x', ownerReferences: [{ apiVersion, kind: 'Pod', name: 'p', uid: 'u' }] },
})
const attachment = (more: object) => ({
  spec: { attacher: 'd.io', nodeName: 'n', source: { persistentVolumeName: 'pv' }, ...more },
})
const TWO = 'may not specify more than 1 volume type'

/** What kube-apiserver says of the same, word for word; `toContain` where it says more of names that are wrong in two ways. */
describe('what is wrong is told at the field, in the words and with the fields beside it that upstream has', () => {
  test.each<[string, string, object, string]>([
    [
      'v1',
      'ConfigMap',
      owner('a/b/c'),
      'ownerReferences.apiVersion: Invalid value: "a/b/c": version must not be empty',
    ],
    ['v1', 'Endpoints', port({ appProtocol: 'A_b!' }), 'subsets[0].ports[0].appProtocol: Invalid value: "A_b!": name'],
    ['v1', 'Endpoints', port({ appProtocol: 'http' }), ''],
    [
      'v1',
      'LimitRange',
      limits({ max: { foo: '1' } }),
      'max[foo]: Invalid value: "foo": must be a standard resource for',
    ],
    [
      'v1',
      'LimitRange',
      limits({ min: { storage: '1' } }),
      'min[storage]: Invalid value: "storage": must be a standard',
    ],
    ['v1', 'LimitRange', limits({ min: { 'a.b/c': '1', 'hugepages-2Mi': '1' } }), ''],
    ['v1', 'LimitRange', limits({ type: 'PersistentVolumeClaim', max: { storage: '1Gi' } }), ''],
    ['v1', 'ResourceQuota', scoped({}), 'matchExpressions.operator: Invalid value: "": not a valid selector operator'],
    [
      'v1',
      'ResourceQuota',
      { spec: { hard: { 'a.com/b': '1.5' } } },
      'spec.hard[a.com/b]: Invalid value: "1500m": must be an',
    ],
    ['v1', 'ResourceQuota', { spec: { hard: { 'requests.a.com/b': '1', 'count/a.b': '2' } } }, ''],
    ['v1', 'ResourceQuota', scoped({ scopeName: 'Terminating', operator: 'Exists' }), ''],
    [
      'v1',
      'Pod',
      pod([{ name: 'v', secret: {}, hostPath: { path: '/a' } }], [{ name: 'v', mountPath: '/a' }]),
      `[spec.volumes[0].secret: Forbidden: ${TWO}, spec.containers[0].volumeMounts[0].name: Not found: "v"]`,
    ],
    [
      'v1',
      'Pod',
      pod([{ name: 'v', ephemeral: { volumeClaimTemplate: {} } }]),
      '[spec.volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least 1 access mode is required, spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value]',
    ],
    ['v1', 'Pod', { spec: { resources: { limits: { cpu: '1' } } } }, 'spec.containers: Required value'],
    ['v1', 'Pod', env({ resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } }), ''],
    [
      'v1',
      'Pod',
      env({ resourceFieldRef: { resource: 'limits.cpu', divisor: '2' } }),
      `env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor's values 1m and 1 are supported with the cpu resource`,
    ],
    [
      'v1',
      'Pod',
      env({ fieldRef: { apiVersion: 'v2', fieldPath: 'status.podIP' } }),
      'fieldRef.fieldPath: Invalid value: "status.podIP": error converting fieldPath: unsupported pod version: v2',
    ],
    [
      'v1',
      'Pod',
      files([{ path: 'a', resourceFieldRef: { containerName: 'c', resource: 'limits.disk' } }]),
      'spec.volumes[0].downwardAPI.resourceFieldRef.resource: Unsupported value: "limits.disk": supported values: "limits.cpu"',
    ],
    [
      'v1',
      'Pod',
      files([{ path: 'a', resourceFieldRef: { containerName: 'c', resource: 'limits.memory', divisor: '3Mi' } }]),
      `only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the memory resource`,
    ],
    [
      'v1',
      'Pod',
      projected(
        { secret: { name: 's', items: [{ key: 'k', path: 'a' }] } },
        { downwardAPI: { items: [{ path: 'a', fieldRef: { fieldPath: 'metadata.name' } }] } },
      ),
      'spec.volumes[0].projected: Invalid value: "a": conflicting duplicate paths',
    ],
    ['v1', 'PersistentVolume', volume({ iscsi: {}, hostPath: { path: '/a' } }), `spec.iscsi: Forbidden: ${TWO}`],
    [
      'v1',
      'PersistentVolume',
      volume({ nfs: { path: 'a' } }),
      '[spec.nfs.server: Required value, spec.nfs.path: Invalid value: "a": must be an absolute path]',
    ],
    [
      'v1',
      'PersistentVolume',
      volume({ csi: { driver: 'd.io', volumeHandle: 'h', nodeStageSecretRef: { name: 's' } } }),
      'spec.csi.nodeStageSecretRef.namespace: Required value',
    ],
    [
      'v1',
      'PodTemplate',
      {
        template: { metadata: {}, spec: { containers: [container], ephemeralContainers: [{ name: 'e', image: 'i' }] } },
      },
      'template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template',
    ],
    ['apps/v1', 'ControllerRevision', { revision: 1 }, 'data: Required value: data is mandatory'],
    ['v1', 'PersistentVolume', volume({ hostPath: { path: '/a' } }, { cpu: '1' }), 'supported values: "storage"'],
    [
      'networking.k8s.io/v1',
      'Ingress',
      backend({ resource: { apiGroup: '', kind: 'K', name: 'n' } }),
      'spec.defaultBackend.resource.apiGroup: Invalid value: "": a lowercase',
    ],
    [
      'networking.k8s.io/v1',
      'Ingress',
      { spec: { rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix' }] } }] } },
      'spec.rules[0].http.paths[0].backend: Invalid value: "": resource or service backend is required',
    ],
    ['storage.k8s.io/v1', 'VolumeAttachment', attachment({ nodeName: 'A_b!' }), 'spec.nodeName: Invalid value: "A_b!"'],
    [
      'storage.k8s.io/v1',
      'VolumeAttachment',
      attachment({ source: { persistentVolumeName: '/' } }),
      'spec.source.persistentVolumeName: Invalid value: "/"',
    ],
    [
      'networking.k8s.io/v1',
      'IngressClass',
      { spec: { controller: 'a.io/b', parameters: { kind: 'K', name: 'a/b' } } },
      `spec.parameters.name: Invalid value: "a/b": may not contain '/'`,
    ],
    [
      'storage.k8s.io/v1',
      'StorageClass',
      { provisioner: 'p', allowedTopologies: [terms('k', ['a', 'b']), terms('k', ['b', 'a'])] },
      'allowedTopologies[1].matchLabelExpressions: Duplicate value: ""',
    ],
    [
      'storage.k8s.io/v1',
      'StorageClass',
      { provisioner: 'p', allowedTopologies: [{ matchLabelExpressions: [{ values: ['v'] }] }] },
      'allowedTopologies[0].matchLabelExpressions[0].key: Invalid value: "": name part must be non-empty',
    ],
    ['v1', 'Node', { spec: { taints: [{ effect: 'NoSchedule' }] } }, 'metadata.taints[0].key: Invalid value: "": name'],
    [
      'networking.k8s.io/v1',
      'NetworkPolicy',
      { spec: { podSelector: {}, ingress: [{ ports: [{ protocol: 'X' }] }] } },
      'Unsupported value: "X": supported values: "TCP", "UDP", "SCTP"',
    ],
    [
      'networking.k8s.io/v1',
      'NetworkPolicy',
      { spec: { podSelector: {}, egress: [{ ports: [{ protocol: '' }] }] } },
      'spec.egress[0].ports[0].protocol: Unsupported value: "": supported values: "TCP"',
    ],
  ])('%s %s %j: %s', async (apiVersion, kind, body, words) => {
    const said = await refusal(apiVersion, kind, body)
    if (words === '') expect(said).toBe('')
    else expect(said).toContain(words)
  })

  test('an Ingress is reached at addresses and names', async () => {
    const { registry, write } = await arrange()
    const target = at('networking.k8s.io/v1', 'Ingress', 'd', 'x')
    const service = { name: 's', port: { number: 80 } }
    const object = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'x' },
      ...backend({ service }),
    }
    const made = await registry.create({ ...target, name: '' }, object, write)
    const reached = (...ingress: object[]) =>
      saidAgainst(() =>
        registry.update(
          { ...target, subresource: 'status' },
          { ...made.object, status: { loadBalancer: { ingress } } },
          write,
        ),
      )
    const path = 'status.loadBalancer.ingress[0]'
    expect(await reached({ ip: 'a' })).toMatch(`${path}.ip: Invalid value: "a": must be a valid IP address`)
    expect(await reached({ hostname: '10.0.0.1' })).toMatch(
      `${path}.hostname: Invalid value: "10.0.0.1": must be a DNS`,
    )
    expect(await reached({ ip: '10.0.0.1', hostname: 'a.b' })).toBe('')
  })
})
