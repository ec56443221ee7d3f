import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { catalogSections } from './catalog-sections.ts'
import { network } from './network.ts'

const metadata = { name: 'web', namespace: 'shop' }
const pod = (name: string) => ({ text: name, link: { view: 'pods', namespace: 'shop', name } })
const node = { text: 'n1', link: { view: 'nodes', name: 'n1' } }

it('Endpoints tell their ports, and lead from each address to its pod and node', () => {
  const sectionsOf = network.find(({ id }) => id === 'endpoints')!.sections!
  const ports = [
    { name: 'http', port: 8080, protocol: 'TCP' },
    { port: 53, protocol: 'UDP' },
  ]
  const ready = { ip: '10.0.0.1', nodeName: 'n1', targetRef: { kind: 'Pod', namespace: 'shop', name: 'web-1' } }
  const late = { ip: '10.0.0.2', targetRef: { kind: 'Pod', name: 'web-2' } }
  const subsets = [
    { addresses: [ready], notReadyAddresses: [late], ports },
    { addresses: [{ ip: '192.0.2.1' }], ports },
  ]
  const [section] = sectionsOf(partial<KubeObject>({ metadata, subsets }))
  expect(section!.facts).toEqual([{ label: 'ports', value: ['http: 8080/TCP', '53/UDP'] }])
  expect(section!.table!.rows).toEqual([
    ['10.0.0.1', 'true', node, pod('web-1')],
    ['10.0.0.2', 'false', '', pod('web-2')],
    ['192.0.2.1', 'true', '', ''],
  ])
})

it('a slice tells its ports, and calls nothing a pod that is none', () => {
  const refs = [
    { kind: 'Pod', name: 'web-1' },
    { kind: 'Machine', name: 'm1' },
  ]
  const endpoints = refs.map((targetRef) => ({ addresses: ['10.0.0.1'], conditions: { ready: true }, targetRef }))
  const slice = partial<KubeObject>({ metadata, endpoints, ports: [{ protocol: 'TCP' }] })
  const [section] = catalogSections['endpointslices.discovery.k8s.io']!(slice)
  expect(section!.facts).toEqual([{ label: 'ports', value: ['*/TCP'] }])
  expect(section!.table!.rows.map((cells) => cells[3])).toEqual([pod('web-1'), 'Machine m1'])
})
