import type { Secret, Service } from '#types/core/v1'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import type { HTTPIngressPath, Ingress, IngressBackend } from '#types/networking.k8s.io/v1'
import type { Sources } from '../plan/build-model.ts'
import type { RenderOptions } from '../plan/render.ts'

export const PREFIX = 'nginx.ingress.kubernetes.io/'

export const to = (name: string, port: number | string = 80): IngressBackend => ({
  service: { name, port: typeof port === 'string' ? { name: port } : { number: port } },
})

export const path = (
  at: string,
  service: string,
  pathType: HTTPIngressPath['pathType'] = 'Prefix',
  port: number | string = 80,
): HTTPIngressPath => ({ path: at, pathType, backend: to(service, port) })

let serial = 0

/** An Ingress of namespace `shop`; later ones are younger. `annotations` go without their prefix. */
export function ingress(
  name: string,
  hosts: Record<string, HTTPIngressPath[]>,
  more: { annotations?: Record<string, string>; spec?: Partial<Ingress['spec']>; namespace?: string } = {},
): Ingress {
  serial++
  const { namespace = 'shop' } = more
  const annotations = Object.fromEntries(
    Object.entries(more.annotations ?? {}).map(([key, value]) => [`${PREFIX}${key}`, value]),
  )
  const rules = Object.entries(hosts).map(([host, paths]) => ({ ...(host ? { host } : {}), http: { paths } }))
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace,
      uid: `${namespace}-${name}`,
      generation: 1,
      resourceVersion: String(serial),
      creationTimestamp: new Date(Date.UTC(2026, 0, 1) + serial * 1000).toISOString(),
      annotations,
    },
    spec: { ingressClassName: 'nginx', rules, ...more.spec },
  } as Ingress
}

export function service(name: string, ports: Service['spec']['ports'], more: Partial<Service['spec']> = {}): Service {
  return { metadata: { name, namespace: 'shop' }, spec: { ports, ...more } } as Service
}

/** Endpoints as `address` or, unready, as `!address`. */
export function slice(addresses: string[], ports: EndpointSlice['ports']): EndpointSlice {
  return {
    metadata: { name: 'slice', namespace: 'shop' },
    addressType: 'IPv4',
    endpoints: addresses.map((one) => ({
      addresses: [one.replace('!', '')],
      conditions: { ready: !one.startsWith('!') },
    })),
    ports,
  } as EndpointSlice
}

export const secret = (name: string, data: Record<string, string>): Secret =>
  ({
    metadata: { name, namespace: 'shop' },
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  }) as Secret

/** A cluster with services `web` and `api`, of one endpoint each. */
export function sources(ingresses: Ingress[], more: Partial<Sources> = {}): Sources {
  const services = new Map([
    ['shop/web', service('web', [{ name: 'http', port: 80, protocol: 'TCP' }])],
    ['shop/api', service('api', [{ name: 'http', port: 80, protocol: 'TCP' }])],
  ])
  const slices = new Map([
    ['shop/web', [slice(['10.244.1.5'], [{ name: 'http', port: 8080 }])]],
    ['shop/api', [slice(['10.244.1.6'], [{ name: 'http', port: 8080 }])]],
  ])
  return {
    ingresses,
    service: (key) => services.get(key),
    slices: (key) => slices.get(key) ?? [],
    secret: () => undefined,
    ...more,
  }
}

export const options: RenderOptions = {
  directory: '/run/ingress',
  temporary: '/tmp',
  accessLog: '/dev/stdout',
  ports: { http: 8080, https: 8443, health: 10_254 },
  names: 5353,
  signIn: 5354,
  certificate: '/run/ingress/own.pem',
  resolvers: ['10.96.0.10'],
  desktop: { http: 80, https: 443 },
  http2Directive: true,
  workers: 2,
}
