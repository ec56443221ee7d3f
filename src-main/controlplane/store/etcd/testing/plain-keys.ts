import type { KeyMap } from '../keys.ts'

/** Keys as they are, behind a prefix. */
export const behind = (prefix: string): KeyMap => ({
  prefix,
  toEtcd: (key) => prefix + key,
  fromEtcd: (key) => (key.startsWith(prefix) ? key.slice(prefix.length) : undefined),
})
