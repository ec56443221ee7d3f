import { formatApiVersion } from '../machinery/gvk.ts'
import type { ServedVersion } from './descriptor.ts'

type Deprecated = NonNullable<ServedVersion['deprecated']>

/** Facts of an old version: since, removed, and `group/version Kind` to use (KEP-1693). */
export function deprecated(since: string, removed: string, replacement?: string): Deprecated {
  return { since, removed, ...(replacement ? { replacement } : {}) }
}

/** Text of the `Warning: 299` header of a request in an old version; undefined for a current one. */
export function deprecationWarning(served: ServedVersion, kind: string): string | undefined {
  if (!served.deprecated) return served.warning
  const { since, removed, replacement } = served.deprecated
  const subject = `${formatApiVersion(served.group, served.version)} ${kind}`
  const use = replacement ? `; use ${replacement}` : ''
  return `${subject} is deprecated in v${since}+, unavailable in v${removed}+${use}`
}
