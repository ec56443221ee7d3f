import type { Ingress } from '#types/networking.k8s.io/v1'

const NAME = /^[a-z0-9][a-z0-9.-]*$/
const AUTH_SECRET = 'nginx.ingress.kubernetes.io/auth-secret'

/** The Secrets that Ingresses name, as `namespace/name`. */
export function namedSecrets(ingresses: readonly Ingress[]): Set<string> {
  const keys = ingresses.flatMap(({ metadata, spec }) => {
    const names = [...(spec.tls ?? []).map(({ secretName }) => secretName), metadata.annotations?.[AUTH_SECRET]]
    return names.flatMap((one) => (one && NAME.test(one) ? [`${metadata.namespace}/${one}`] : []))
  })
  return new Set(keys)
}
