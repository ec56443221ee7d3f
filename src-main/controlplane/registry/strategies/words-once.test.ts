import { expect, test } from 'vitest'
import { refusal } from '../testing/refusals.ts'

/** What is wrong is said whole: a fault that follows from another is not told beside it. */
test.each<[string, string, string, object, string]>([
  [
    'a path of an Ingress without a type is looked into no further',
    'networking.k8s.io/v1',
    'Ingress',
    { spec: { rules: [{ http: { paths: [{ path: 'x', backend: { service: { name: 's' } } }] } }] } },
    'spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified',
  ],
  [
    'nor is a second source of a volume',
    'v1',
    'Pod',
    {
      spec: {
        containers: [{ name: 'c', image: 'i' }],
        volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '' }, nfs: { server: '', path: '' } }],
      },
    },
    '[spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type, spec.volumes[0].nfs: Forbidden: may not specify more than 1 volume type]',
  ],
  [
    'nothing is filled in for a type of Service that there is not',
    'v1',
    'Service',
    { spec: { type: 'Foo', ports: [{ port: 80 }] } },
    'spec.type: Unsupported value: "Foo": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
  ],
  [
    'nor for an affinity that there is not',
    'v1',
    'Service',
    { spec: { ports: [{ port: 80 }], sessionAffinity: 'X' } },
    'spec.sessionAffinity: Unsupported value: "X": supported values: "ClientIP", "None"',
  ],
  [
    'a ConfigMap that is too long is so as a whole',
    'v1',
    'ConfigMap',
    { data: { a: 'x'.repeat(1024 * 1024 + 1) } },
    '[]: Too long: may not be more than 1048576 bytes',
  ],
])('%s', async (_, apiVersion, kind, more, words) => {
  expect(await refusal(apiVersion, kind, { metadata: { name: 'x' }, ...more })).toBe(words)
})
