import type { KindDescriptor } from '../../../../src-kube/kinds/descriptor.ts'
import { gauge, type Metric } from '../../../../src-kube/machinery/metrics/prometheus.ts'

/** What some request named. */
export interface AskedResource {
  group: string
  version: string
  resource: string
  subresource: string
}

/**
 * Versions that somebody asked for though they are to go, by which people find out before an upgrade (kubernetes.io, "Deprecated API
 * Migration Guide"; KEP-1693). Worked out when the page is asked for: no request pays for it.
 */
export function deprecatedApis(asked: Iterable<AskedResource>, kinds: readonly KindDescriptor[]): Metric {
  const byName = new Map(kinds.map((kind) => [`${kind.plural}.${kind.group}`, kind]))
  const found = new Map<string, Record<string, string>>()
  for (const { group, version, resource, subresource } of asked) {
    const served = byName.get(`${resource}.${group}`)?.served.find((one) => one.version === version)
    if (!served?.deprecated && !served?.warning) continue
    const removed = served.deprecated?.removed ?? ''
    const labels = { group, removed_release: removed, resource, subresource, version }
    found.set(`${group}/${version}/${resource}/${subresource}`, labels)
  }
  return gauge(
    'apiserver_requested_deprecated_apis',
    '[STABLE] Deprecated versions that were asked for, with the release that no longer has them; always 1.',
    [...found.values()].map((labels) => ({ labels, value: 1 })),
  )
}
