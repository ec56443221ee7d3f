import type { KindDescriptor, ServedVersion } from '../../../src-kube/kinds/descriptor.ts'
import { deprecationWarning } from '../../../src-kube/kinds/deprecation.ts'
import { formatApiVersion } from '../../../src-kube/machinery/gvk.ts'
import { compareVersions } from '../../../src-kube/machinery/versions.ts'

/** One resource under one of its versions. */
export interface ServedResource {
  descriptor: KindDescriptor
  served: ServedVersion
  apiVersion: string
  /** Words of the deprecation warning; undefined for current versions. */
  warning: string | undefined
}

/** What is served where: looked up at every request, so keyed by one string. */
export class ResourceTable {
  readonly #byPath = new Map<string, ServedResource>()
  readonly #versions = new Map<string, ServedResource[]>()
  readonly #groups: string[] = []
  readonly #order: readonly string[]

  constructor(kinds: readonly KindDescriptor[], groupOrder: readonly string[]) {
    this.#order = groupOrder
    for (const descriptor of kinds) {
      for (const served of descriptor.served) {
        const apiVersion = formatApiVersion(served.group, served.version)
        const resource = { descriptor, served, apiVersion, warning: deprecationWarning(served, descriptor.kind) }
        this.#byPath.set(`${apiVersion}/${descriptor.plural}`, resource)
        const others = this.#versions.get(apiVersion) ?? []
        others.push(resource)
        this.#versions.set(apiVersion, others)
      }
    }
    const present = new Set([...this.#byPath.values()].map(({ served }) => served.group))
    this.#groups = ['', ...groupOrder, ...present].filter(
      (group, i, all) => present.has(group) && all.indexOf(group) === i,
    )
  }

  find(group: string, version: string, plural: string): ServedResource | undefined {
    return this.#byPath.get(`${formatApiVersion(group, version)}/${plural}`)
  }

  /** Groups in discovery order, the core group (``) first. */
  get groups(): readonly string[] {
    return this.#groups
  }

  /**
   * For sorting groups: those that the order does not name come behind the others, and the group of old versions last, so that clients
   * prefer the new homes of its kinds.
   */
  rank(group: string): number {
    if (group === 'extensions') return Infinity
    const at = this.#order.indexOf(group)
    return at < 0 ? this.#order.length : at
  }

  /** Versions of a group, the preferred one first: stable before beta before alpha, newer before older. */
  versions(group: string): string[] {
    const found = [...this.#versions.values()]
      .map(([first]) => first!.served)
      .filter((served) => served.group === group)
    return found.map((served) => served.version).sort(compareVersions)
  }

  /** Whether some kind of the group is no custom one. */
  isBuiltIn(group: string): boolean {
    return [...this.#byPath.values()].some(({ served }) => served.group === group && !served.custom)
  }

  resources(apiVersion: string): readonly ServedResource[] {
    return this.#versions.get(apiVersion) ?? []
  }

  get apiVersions(): string[] {
    return [...this.#versions.keys()]
  }
}
