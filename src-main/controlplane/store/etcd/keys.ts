/** How the keys of a store are called in etcd. */
export interface KeyMap {
  /** What all of them begin with there. */
  readonly prefix: string
  toEtcd(key: string): string
  /** Undefined for a key that is none of ours. */
  fromEtcd(key: string): string | undefined
}

/** The first key after all that begin with `prefix` (etcd.io, "etcd API: Key ranges"), which must not end with the last character there is. */
export const endOf = (prefix: string): string =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)

/** Where kube-apiserver keeps what it does not keep under the plural alone. */
const oddPlaces: Readonly<Record<string, string>> = {
  'core/services': 'services/specs',
  'core/endpoints': 'services/endpoints',
  'core/nodes': 'minions',
  'core/replicationcontrollers': 'controllers',
  'networking.k8s.io/ingresses': 'ingress',
  'apiregistration.k8s.io/apiservices': 'apiregistration.k8s.io/apiservices',
  'apiextensions.k8s.io/customresourcedefinitions': 'apiextensions.k8s.io/customresourcedefinitions',
}

const OURS = '/registry/'

/** Where a string's nth slash is; its length when it has fewer. */
function slash(text: string, n: number): number {
  let at = -1
  for (let i = 0; i < n; i++) {
    at = text.indexOf('/', at + 1)
    if (at < 0) return text.length
  }
  return at
}

/**
 * The registry's keys, `/registry/<group or core>/<plural>/…`, where kube-apiserver has them, so that its users find them with the tools they know:
 * built-in resources under their plural (`/registry/pods/default/web`), others behind their group.
 */
export function registryKeys(prefix: string, builtIn: ReadonlyArray<{ group: string; plural: string }>): KeyMap {
  const places = new Map<string, string>()
  const names = new Map<string, string>()
  for (const { group, plural } of builtIn) {
    const ours = `${group || 'core'}/${plural}`
    const place = oddPlaces[ours] ?? (names.has(plural) ? ours : plural)
    places.set(ours, place)
    names.set(place, ours)
  }
  return {
    prefix: `${prefix}/`,
    toEtcd(key) {
      const rest = key.slice(OURS.length)
      const end = slash(rest, 2)
      const resource = rest.slice(0, end)
      return `${prefix}/${places.get(resource) ?? resource}${rest.slice(end)}`
    },
    fromEtcd(key) {
      if (!key.startsWith(`${prefix}/`)) return undefined
      const rest = key.slice(prefix.length + 1)
      for (const parts of [1, 2]) {
        const end = slash(rest, parts)
        const ours = names.get(rest.slice(0, end))
        if (ours !== undefined) return `${OURS}${ours}${rest.slice(end)}`
      }
      return OURS + rest
    },
  }
}
