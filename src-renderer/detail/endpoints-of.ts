import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { at, listAt, textAt } from '../kinds/view.ts'

/** Where a service's traffic goes, a row a pod. */
export interface Endpoint {
  /** `10.244.1.3:8080`, with every port. */
  address: string
  /** The pod's name, if it is one. */
  pod: string
  node: string
  ready: boolean
}

/** The endpoints of a service from its slices (kubernetes.io, "EndpointSlices"): a condition that is not told counts as ready. */
export function endpointsOf(service: KubeObject, slices: Iterable<KubeObject>): Endpoint[] {
  const { name, namespace } = service.metadata
  return [...slices]
    .filter((s) => s.metadata.namespace === namespace && s.metadata.labels?.['kubernetes.io/service-name'] === name)
    .flatMap((slice) => {
      const ports = listAt(slice, 'ports').map((port) => textAt(port, 'port'))
      return listAt(slice, 'endpoints').flatMap((endpoint) =>
        listAt(endpoint, 'addresses').map((address) => ({
          address: ports.length > 0 ? `${String(address)}:${ports.join(',')}` : String(address),
          pod: textAt(endpoint, 'targetRef', 'kind') === 'Pod' ? textAt(endpoint, 'targetRef', 'name') : '',
          node: textAt(endpoint, 'nodeName'),
          ready: at(endpoint, 'conditions', 'ready') !== false,
        })),
      )
    })
    .sort((a, b) => Number(b.ready) - Number(a.ready) || (a.address < b.address ? -1 : 1))
}
