import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { listAt, textAt } from '../kinds/view.ts'

/** A port of a service that the desktop answers for. */
export interface DesktopPort {
  /** `127.0.0.1:30003`, `127.0.0.1:30053/UDP` */
  address: string
  /** What a browser opens; undefined for datagrams. */
  url: string | undefined
  /** As the service calls it: its name, else its number. */
  port: string
}

const isSecure = (port: unknown): boolean =>
  textAt(port, 'port').endsWith('443') || textAt(port, 'name').startsWith('https')

/** Where the desktop answers for a service of a cluster of our own (ARCHITECTURE.md, "Services on the desktop"): its ports of TCP and UDP. */
export function desktopPortsOf(service: KubeObject): DesktopPort[] {
  const type = textAt(service, 'spec', 'type')
  if (type !== 'NodePort' && type !== 'LoadBalancer') return []
  const balanced = type === 'LoadBalancer' && !textAt(service, 'spec', 'loadBalancerClass')
  const moved = new Map(
    (service.metadata.annotations?.['drydock.dev/desktop-ports'] ?? '')
      .split(',')
      .map((pair) => pair.split('=') as [string, string]),
  )
  return listAt(service, 'spec', 'ports')
    .filter((port) => textAt(port, 'protocol') !== 'SCTP')
    .flatMap((port) =>
      [balanced ? textAt(port, 'port') : '', textAt(port, 'nodePort')].filter(Boolean).map((number) => {
        const suffix = textAt(port, 'protocol') === 'UDP' ? '/UDP' : ''
        const address = `127.0.0.1:${moved.get(number + suffix) ?? number}`
        return {
          address: address + suffix,
          url: suffix ? undefined : `${isSecure(port) ? 'https' : 'http'}://${address}`,
          port: textAt(port, 'name') || textAt(port, 'port'),
        }
      }),
    )
}
