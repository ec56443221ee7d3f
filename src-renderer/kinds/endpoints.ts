/** Where a Service leads, as Endpoints and EndpointSlices tell it (kubernetes.io, "EndpointSlices"). */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { at, listAt, textAt, type Cell, type Section } from './view.ts'

const columns = ['address', 'ready', 'node', 'pod']

export const sliceSections = (slice: KubeObject): Section[] => {
  const rows = listAt(slice, 'endpoints').map((endpoint) =>
    row(slice, endpoint, listAt(endpoint, 'addresses').join(', '), textAt(endpoint, 'conditions', 'ready')),
  )
  return sectionsOf(listAt(slice, 'ports'), rows)
}

/** Of each subset first the addresses that are ready. */
export const endpointsSections = (endpoints: KubeObject): Section[] => {
  const subsets = listAt(endpoints, 'subsets')
  const rowsOf = (subset: unknown, field: string, ready: string): Cell[][] =>
    listAt(subset, field).map((address) => row(endpoints, address, textAt(address, 'ip'), ready))
  return sectionsOf(
    subsets.flatMap((subset) => listAt(subset, 'ports')),
    subsets.flatMap((subset) => [
      ...rowsOf(subset, 'addresses', 'true'),
      ...rowsOf(subset, 'notReadyAddresses', 'false'),
    ]),
  )
}

const sectionsOf = (ports: unknown[], rows: Cell[][]): Section[] => [
  {
    title: 'endpoints',
    facts: [{ label: 'ports', value: [...new Set(ports.map(portText))] }],
    table: { columns, rows },
  },
]

/** `http: 8080/TCP`; without a number all ports are meant. */
function portText(port: unknown): string {
  const number = `${textAt(port, 'port') || '*'}/${textAt(port, 'protocol') || 'TCP'}`
  return [textAt(port, 'name'), number].filter(Boolean).join(': ')
}

function row(object: KubeObject, endpoint: unknown, address: string, ready: string): Cell[] {
  const node = textAt(endpoint, 'nodeName')
  return [
    address,
    ready,
    node ? { text: node, link: { view: 'nodes', name: node } } : '',
    target(at(endpoint, 'targetRef'), object.metadata.namespace),
  ]
}

/** A pod by its name alone, and the way there; what else answers is called by its kind. */
function target(ref: unknown, ownNamespace: string | undefined): Cell {
  const [kind, name] = [textAt(ref, 'kind') || 'Pod', textAt(ref, 'name')]
  if (!name) return ''
  if (kind !== 'Pod') return `${kind} ${name}`
  return { text: name, link: { view: 'pods', namespace: textAt(ref, 'namespace') || ownNamespace, name } }
}
