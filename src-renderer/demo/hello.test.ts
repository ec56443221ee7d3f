import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { readManifests } from '../api/yaml.ts'
import { helloLabel, helloManifest, helloState } from './hello.ts'

const [deployment, service] = readManifests(helloManifest).map(({ object }) => object!) as [KubeObject, KubeObject]
const withPort = { ...service, spec: { ...(service['spec'] as object), ports: [{ port: 80, nodePort: 30080 }] } }
const at = (readyReplicas: number): KubeObject => ({ ...deployment, status: { readyReplicas } })
const pod = (reason: string, name = 'hello-1', namespace = 'default'): KubeObject =>
  partial<KubeObject>({
    metadata: { name, namespace, labels: { app: 'hello' } },
    status: { phase: 'Pending', containerStatuses: [{ state: { waiting: { reason } } }] },
  })

it('is a Deployment and a Service, both marked, and the page tells the node by the shell that writes it', () => {
  expect([deployment.kind, service.kind]).toEqual(['Deployment', 'Service'])
  for (const one of [deployment, service]) expect(one.metadata.labels).toEqual({ [helloLabel]: 'hello' })
  expect(helloManifest).toContain(`'mkdir -p /www && echo "<h1>Hello from $NODE</h1>`)
})

it('is ready when all its pods are and the desktop answers for it', () => {
  expect(helloState(undefined, undefined, [])).toEqual({ stage: 'absent', ready: 0, wanted: 0 })
  expect(helloState(at(2), withPort, [])).toEqual({ stage: 'starting', ready: 2, wanted: 3 })
  expect(helloState(at(3), undefined, [])).toMatchObject({ stage: 'starting' })
  expect(helloState(at(3), withPort, [])).toEqual({
    stage: 'ready',
    ready: 3,
    wanted: 3,
    url: 'http://127.0.0.1:30080',
  })
})

it('tells what keeps it, of its own pods alone', () => {
  const other = pod('ErrImagePull', 'x', 'shop')
  expect(helloState(at(0), withPort, [other, pod('ContainerCreating')]).trouble).toBeUndefined()
  expect(helloState(at(0), withPort, [pod('ImagePullBackOff')]).trouble).toMatchObject({ hint: 'image' })
})

it('is not what only has its name', () => {
  const named = { ...at(3), metadata: { name: 'hello', namespace: 'default' } } as KubeObject
  expect(helloState(named, withPort, []).stage).toBe('absent')
})
