import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { views } from './index.ts'
import { restarts } from './workloads.ts'

const pod = partial<KubeObject>({
  metadata: { name: 'web', namespace: 'shop', uid: 'u' },
  spec: {
    nodeName: 'n1',
    containers: [{ name: 'c', image: 'web:1', ports: [{ containerPort: 80 }] }],
    volumes: [
      { name: 'settings', configMap: { name: 'config' } },
      { name: 'login', secret: { secretName: 'login' } },
      { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
      { name: 'logs', hostPath: { path: '/var/log' } },
      { name: 'scratch', emptyDir: {} },
    ],
  },
  status: { containerStatuses: [{ name: 'c', restartCount: 3, state: { running: {} } }] },
})
const sections = views.find(({ id }) => id === 'pods')!.sections!(pod)
const rowsOf = (title: string) => sections.find((section) => section.title === title)?.table?.rows

it('a pod tells what its volumes are made of, and leads to those that are objects', () => {
  const link = (view: string, name: string) => ({ text: name, link: { view, namespace: 'shop', name } })
  expect(rowsOf('volumes')).toEqual([
    ['settings', 'configMap', link('configmaps', 'config')],
    ['login', 'secret', link('secrets', 'login')],
    ['data', 'persistentVolumeClaim', link('persistentvolumeclaims', 'data')],
    ['logs', 'hostPath', '/var/log'],
    ['scratch', 'emptyDir', ''],
  ])
})

it('a pod tells how its containers fare, and leads to its node', () => {
  const facts = (title: string) => sections.find((section) => section.title === title)
  expect(
    facts('containers')
      ?.parts?.[0]?.facts.slice(0, 4)
      .map(({ value }) => value),
  ).toEqual(['running', '', 3, 'web:1'])
  expect(facts('placement')?.facts?.find(({ label }) => label === 'node')).toMatchObject({
    link: { view: 'nodes', name: 'n1' },
  })
})

it('restarts are those of the init containers while these run, as kubectl counts them', () => {
  const status = {
    initContainerStatuses: [{ restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } } }],
    containerStatuses: [{ restartCount: 12, state: { waiting: { reason: 'PodInitializing' } } }],
  }
  const pod = partial<KubeObject>({
    metadata: { name: 'a' },
    spec: { containers: [{}], initContainers: [{}] },
    status,
  })
  expect(restarts(pod)).toBe(3)
  expect(restarts({ ...pod, status: { ...status, initContainerStatuses: [] } } as KubeObject)).toBe(12)
})

it('a pod’s list can tell what controls it and how it is classed, for who asks', () => {
  const { columns } = views.find(({ id }) => id === 'pods')!
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-7c9f', uid: 'r', controller: true }
  const owned = partial<KubeObject>({
    metadata: { name: 'a', ownerReferences: [{ ...owner, name: 'other', controller: false }, owner] },
    status: { qosClass: 'Burstable' },
  })
  const asked = columns.filter(({ optional }) => optional)
  expect(asked.map((column) => [column.id, column.value(owned), column.value(pod)])).toEqual([
    ['owner', 'ReplicaSet/web-7c9f', ''],
    ['qosClass', 'Burstable', ''],
  ])
})
