import type { ComponentStatus } from '#types/core/v1'
import { notFound } from '../../../src-kube/machinery/errors.ts'
import type { VirtualResource } from './discovery.ts'
import type { Exchange } from './http/exchange.ts'
import { negotiate } from './http/negotiation.ts'

/** Deprecated since 1.19 and still served: clients ask it whether the control plane is well. */
export const componentStatusResource: VirtualResource = {
  group: '',
  version: 'v1',
  plural: 'componentstatuses',
  kind: 'ComponentStatus',
  namespaced: false,
  shortNames: ['cs'],
  verbs: ['get', 'list'],
}

/** Whatever answers is well: all of them are one process. */
const names = ['controller-manager', 'scheduler', 'etcd-0']
const statuses: readonly ComponentStatus[] = names.map(
  (name) =>
    ({
      apiVersion: 'v1',
      kind: 'ComponentStatus',
      metadata: { name },
      conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }],
    }) as ComponentStatus,
)
const column = (name: string, format = ''): object => ({ name, type: 'string', format, description: '', priority: 0 })
const columnDefinitions = [column('Name', 'name'), column('Status'), column('Message'), column('Error')]

/** GET of one or of all, as a list or a table. Throws 404 for an unknown one. */
export function serveComponentStatuses(exchange: Exchange): void {
  exchange.warn('v1 ComponentStatus is deprecated in v1.19+')
  const { name } = exchange.info
  const found = statuses.filter(({ metadata }) => name === '' || metadata.name === name)
  if (name !== '' && found.length === 0) throw notFound({ group: '', resource: 'componentstatuses' }, name)
  const form = negotiate(exchange.header('accept'), (as, f) => as === 'Table' && f.encoding !== 'protobuf')
  if (form.as === 'Table') return exchange.sendJson(200, table(found, form.version))
  const list = { kind: 'ComponentStatusList', apiVersion: 'v1', metadata: {}, items: found }
  exchange.sendObject(200, form, name === '' ? list : found[0]!)
}

const table = (found: readonly ComponentStatus[], version: string): object => ({
  kind: 'Table',
  apiVersion: `meta.k8s.io/${version || 'v1'}`,
  metadata: {},
  columnDefinitions,
  rows: found.map(({ metadata }) => ({
    cells: [metadata.name, 'Healthy', 'ok', ''],
    object: { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version || 'v1'}`, metadata },
  })),
})
