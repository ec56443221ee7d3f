import type { Ingress } from '#types/networking.k8s.io/v1'

const name = /^[a-z0-9][a-z0-9.-]*$/
const authSecret = 'nginx.ingress.kubernetes.io/auth-secret'

/** The Secrets that Ingresses name, as `namespace/name`. */
export function namedSecrets(ingresses: readonly Ingress[]): Set<string> {
  const keys = ingresses.flatMap(({ metadata, spec }) => {
    const names = [...(spec.tls ?? []).map(({ secretName }) => secretName), metadata.annotations?.[authSecret]]
    return names.flatMap((one) => (one && name.test(one) ? [`${metadata.namespace}/${one}`] : []))
  })
  return new Set(keys)
}
