import type { Service } from '#types/core/v1'
import type { Ingress, IngressLoadBalancerIngress } from '#types/networking.k8s.io/v1'
import { refs } from '../src-kube/client/refs.ts'
import type { Client } from '../src-kube/client/typed-client.ts'
import { isNotFound } from '../src-kube/machinery/errors.ts'
import { objectKey } from '../src-kube/machinery/meta.ts'

/** Which of a service's ports answer as others on the desktop: `80=8080,443=8443`. */
const DESKTOP_PORTS = 'drydock.dev/desktop-ports'

/** Writes under way at the same time: the next configuration waits for them all. */
const AT_ONCE = 8

/** At which ports of the desktop HTTP and HTTPS of the controller's service answer. */
export function portsOf(service: Service | undefined): { http: number; https: number } {
  const pairs = (service?.metadata.annotations?.[DESKTOP_PORTS] ?? '')
    .split(',')
    .map((pair) => pair.split('=').map(Number))
  const of = (port: number): number => pairs.find(([from]) => from === port)?.[1] || port
  return { http: of(80), https: of(443) }
}

/** Where an Ingress answers: at the addresses of the controller's service. */
function addressesOf(ingress: Ingress, service: Service | undefined): IngressLoadBalancerIngress[] {
  const { http, https } = portsOf(service)
  const ports = [http, ...(ingress.spec.tls?.length ? [https] : [])].map((port) => ({ port, protocol: 'TCP' as const }))
  return (service?.status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ({
    ...(ip ? { ip } : {}),
    ...(hostname ? { hostname } : {}),
    ports,
  }))
}

/** Tells Ingresses their addresses in their status, and takes away what it told once an Ingress is another's. */
export class Addresses {
  readonly #client: Client
  readonly #told = new Map<string, string>()

  constructor(client: Client) {
    this.#client = client
  }

  async tell(routed: readonly Ingress[], others: readonly Ingress[], service: Service | undefined): Promise<void> {
    const waiting = [...routed]
    const write = async (): Promise<void> => {
      for (let ingress = waiting.shift(); ingress; ingress = waiting.shift()) {
        const wanted = addressesOf(ingress, service)
        if (await this.#write(ingress, wanted)) this.#told.set(ingress.metadata.uid, JSON.stringify(wanted))
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, write))
    for (const ingress of others) {
      const told = this.#told.get(ingress.metadata.uid)
      if (told === undefined) continue
      if (told === JSON.stringify(ingress.status?.loadBalancer?.ingress ?? [])) await this.#write(ingress, [])
      this.#told.delete(ingress.metadata.uid)
    }
    const present = new Set([...routed, ...others].map(({ metadata }) => metadata.uid))
    for (const uid of this.#told.keys()) if (!present.has(uid)) this.#told.delete(uid)
  }

  /** False when the Ingress is gone. */
  async #write(ingress: Ingress, wanted: IngressLoadBalancerIngress[]): Promise<boolean> {
    if (isEqual(ingress.status?.loadBalancer?.ingress ?? [], wanted)) return true
    const [namespace = '', name = ''] = objectKey(ingress).split('/')
    const body = { status: { loadBalancer: { ingress: wanted.length > 0 ? wanted : null } } }
    try {
      const type = 'application/merge-patch+json'
      await this.#client.resource(refs.ingresses).patch({ name, namespace, subresource: 'status', type, body })
      return true
    } catch (error) {
      if (isNotFound(error)) return false
      throw error
    }
  }
}

const isEqual = (a: IngressLoadBalancerIngress[], b: IngressLoadBalancerIngress[]): boolean =>
  JSON.stringify(a.map(textOf)) === JSON.stringify(b.map(textOf))

const textOf = ({ ip = '', hostname = '', ports = [] }: IngressLoadBalancerIngress): string =>
  [ip, hostname, ...ports.map(({ port, protocol }) => `${port}/${protocol}`)].join(' ')
