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

/** Keys as they are, behind a prefix. */
export const behind = (prefix: string): KeyMap => ({
  prefix,
  toEtcd: (key) => prefix + key,
  fromEtcd: (key) => (key.startsWith(prefix) ? key.slice(prefix.length) : undefined),
})
