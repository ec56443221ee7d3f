import type { Ingress as OldIngress, IngressBackend as OldBackend } from '#types/extensions/v1beta1'
import type { Ingress, IngressBackend } from '#types/networking.k8s.io/v1'

/**
 * extensions/v1beta1 and networking.k8s.io/v1beta1 Ingress ↔ v1 (KEP-1453): `backend` became `defaultBackend`, and
 * `serviceName`/`servicePort` became `service.name`/`service.port`. Pure; keeps everything else as it is.
 */
export function ingressToV1(old: OldIngress): Ingress {
  const { spec, ...rest } = old
  const apiVersion = 'networking.k8s.io/v1'
  if (!spec) return { ...rest, apiVersion } as Ingress
  const { backend, rules, ...others } = spec
  return {
    ...rest,
    apiVersion,
    spec: {
      ...others,
      ...(backend ? { defaultBackend: backendToV1(backend) } : {}),
      ...(rules ? { rules: rules.map((rule) => mapPaths(rule, backendToV1)) } : {}),
    },
  } as Ingress
}

/** An Ingress as old versions write it: backends by `serviceName` and `servicePort`. */
export function ingressFromV1(apiVersion: string): (object: Ingress) => OldIngress {
  return (object) => {
    const { spec, ...rest } = object
    if (!spec) return { ...rest, apiVersion } as OldIngress
    const { defaultBackend, rules, ...others } = spec
    return {
      ...rest,
      apiVersion,
      spec: {
        ...others,
        ...(defaultBackend ? { backend: backendFromV1(defaultBackend) } : {}),
        ...(rules ? { rules: rules.map((rule) => mapPaths(rule, backendFromV1)) } : {}),
      },
    } as OldIngress
  }
}

interface RuleOf<B> {
  http?: { paths?: Array<{ backend: B }> | undefined } | undefined
}

function mapPaths<From, To>(rule: RuleOf<From>, convert: (backend: From) => To): RuleOf<To> {
  const { http, ...rest } = rule
  if (!http) return rest
  const { paths, ...others } = http
  const converted = paths?.map((p) => ({ ...p, backend: convert(p.backend) }))
  return { ...rest, http: { ...others, ...(converted && { paths: converted }) } }
}

function backendToV1(old: OldBackend): IngressBackend {
  const { serviceName, servicePort, ...rest } = old ?? {}
  if (!serviceName && servicePort === undefined) return rest
  const port = typeof servicePort === 'string' ? { name: servicePort } : { number: servicePort ?? 0 }
  return { ...rest, service: { name: serviceName ?? '', port } }
}

function backendFromV1(backend: IngressBackend): OldBackend {
  const { service, ...rest } = backend ?? {}
  if (!service) return rest
  return { ...rest, serviceName: service.name, servicePort: service.port?.name || (service.port?.number ?? 0) }
}
