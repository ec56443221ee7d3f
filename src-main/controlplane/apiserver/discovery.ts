import { createHash } from 'node:crypto'
import type { Subresource } from '../../../src-kube/kinds/descriptor.ts'
import { formatApiVersion } from '../../../src-kube/machinery/gvk.ts'
import type { ResourceTable, ServedResource } from './resources.ts'

/** Resources of which nothing is stored: reviews of access and of tokens, and the like. */
export interface VirtualResource {
  group: string
  version: string
  plural: string
  kind: string
  namespaced: boolean
  shortNames?: string[]
  /** Only a POST when absent. */
  verbs?: string[]
}

/** A group version of another server: its resources in the aggregated form. */
export interface RemoteVersion {
  group: string
  version: string
  resources: readonly object[]
  /** It did not answer when it was asked last: its resources are those it told of before. */
  stale?: boolean
}

/** The documents of discovery, made once: `/api`, `/apis`, `/api/v1`, … and the aggregated form (KEP-3352). */
export class Discovery {
  readonly #table: ResourceTable
  readonly #virtual: readonly VirtualResource[]
  readonly #remote: () => readonly RemoteVersion[]

  /** @param remote what other servers serve under this one's address, as of now. */
  constructor(
    table: ResourceTable,
    virtual: readonly VirtualResource[],
    remote: () => readonly RemoteVersion[] = () => [],
  ) {
    this.#table = table
    this.#virtual = virtual
    this.#remote = remote
  }

  get groups(): string[] {
    const more = [...this.#virtual, ...this.#remote()].map(({ group }) => group)
    return [...this.#table.groups, ...more]
      .filter((group, i, all) => group !== '' && all.indexOf(group) === i)
      .sort((a, b) => compareRanks(this.#table.rank(a), this.#table.rank(b)))
  }

  /** Whether the group is this server's own, whatever custom kinds and other servers add. */
  isBuiltIn(group: string): boolean {
    return this.#table.isBuiltIn(group) || this.#virtual.some((one) => one.group === group)
  }

  versions(group: string): string[] {
    const known = this.#table.versions(group)
    const more = [...this.#virtual, ...this.#remote()].filter((r) => r.group === group).map((r) => r.version)
    return [...new Set([...known, ...more])]
  }

  /** `/api` */
  coreVersions(address: string): object {
    return {
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
    }
  }

  /** `/apis` */
  groupList(): object {
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: this.groups.map((group) => this.#group(group)) }
  }

  /** `/apis/<group>`; undefined for unknown ones. */
  group(group: string): object | undefined {
    return this.groups.includes(group) ? { kind: 'APIGroup', apiVersion: 'v1', ...this.#group(group) } : undefined
  }

  #group(group: string) {
    const versions = this.versions(group).map((version) => ({
      groupVersion: formatApiVersion(group, version),
      version,
    }))
    return { name: group, versions, preferredVersion: versions[0] }
  }

  /** `/api/v1`, `/apis/<group>/<version>`; undefined for unknown ones. */
  resourceList(group: string, version: string): object | undefined {
    if (!this.versions(group).includes(version)) return undefined
    const apiVersion = formatApiVersion(group, version)
    const resources = [
      ...this.#table
        .resources(apiVersion)
        .flatMap((resource) => [
          mainEntry(resource),
          ...resource.descriptor.subresources.map((s) => subEntry(resource, s)),
        ]),
      ...this.#virtualOf(group, version).map((r) => ({
        name: r.plural,
        singularName: r.kind.toLowerCase(),
        namespaced: r.namespaced,
        kind: r.kind,
        verbs: r.verbs ?? ['create'],
        ...(r.shortNames ? { shortNames: r.shortNames } : {}),
      })),
    ]
    return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersion, resources }
  }

  /** None where another server has taken the group version over. */
  #virtualOf(group: string, version: string): VirtualResource[] {
    if (this.#remote().some((one) => one.group === group && one.version === version)) return []
    return this.#virtual.filter((r) => r.group === group && r.version === version)
  }

  /** `APIGroupDiscoveryList` of some groups: of the core group (`/api`), or of all {@link groups} (`/apis`). */
  aggregated(groups: readonly string[], version: string): object {
    return {
      kind: 'APIGroupDiscoveryList',
      apiVersion: `apidiscovery.k8s.io/${version}`,
      metadata: {},
      items: groups.map((group) => ({
        metadata: { name: group, creationTimestamp: null },
        versions: this.versions(group).map((v) => ({
          version: v,
          resources: this.#aggregatedResources(group, v),
          freshness: this.#isStale(group, v) ? 'Stale' : 'Current',
        })),
      })),
    }
  }

  #isStale(group: string, version: string): boolean {
    return this.#remote().some((one) => one.stale && one.group === group && one.version === version)
  }

  #aggregatedResources(group: string, version: string): object[] {
    const apiVersion = formatApiVersion(group, version)
    return [
      ...this.#table.resources(apiVersion).map(({ descriptor, served }) => ({
        resource: descriptor.plural,
        responseKind: { group: served.group, version: served.version, kind: descriptor.kind },
        scope: descriptor.scope,
        singularResource: descriptor.singular,
        verbs: descriptor.verbs,
        ...names({ descriptor, served }),
        ...(descriptor.subresources.length > 0
          ? {
              subresources: descriptor.subresources.map((sub) => ({
                subresource: sub.name,
                responseKind: {
                  group: sub.group ?? (sub.version ? '' : served.group),
                  version: sub.version ?? served.version,
                  kind: sub.kind,
                },
                verbs: sub.verbs,
              })),
            }
          : {}),
      })),
      ...this.#virtualOf(group, version).map((r) => ({
        resource: r.plural,
        responseKind: { group, version, kind: r.kind },
        scope: r.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: r.kind.toLowerCase(),
        verbs: r.verbs ?? ['create'],
        ...(r.shortNames ? { shortNames: r.shortNames } : {}),
      })),
      ...this.#remote()
        .filter((one) => one.group === group && one.version === version)
        .flatMap(({ resources }) => resources),
    ]
  }
}

function mainEntry({ descriptor, served }: ServedResource): object {
  return {
    name: descriptor.plural,
    singularName: descriptor.singular,
    namespaced: descriptor.scope === 'Namespaced',
    kind: descriptor.kind,
    verbs: descriptor.verbs,
    ...names({ descriptor, served }),
    storageVersionHash: createHash('sha256')
      // Of the version that is stored, whichever this is; the core group has an empty name.
      .update(`${descriptor.group}/${descriptor.storageVersion}/${descriptor.kind}`)
      .digest()
      .subarray(0, 8)
      .toString('base64'),
  }
}

function subEntry({ descriptor }: ServedResource, sub: Subresource): object {
  return {
    name: `${descriptor.plural}/${sub.name}`,
    singularName: '',
    namespaced: descriptor.scope === 'Namespaced',
    ...(sub.group !== undefined || sub.version !== undefined
      ? { group: sub.group ?? '', version: sub.version ?? 'v1' }
      : {}),
    kind: sub.kind,
    verbs: sub.verbs,
  }
}

/** Short names and categories belong to current versions: under an old group they would only be ambiguous. */
function names({ descriptor, served }: Pick<ServedResource, 'descriptor' | 'served'>): object {
  if (served.group !== descriptor.group && served.deprecated) return {}
  const { shortNames, categories } = descriptor
  return { ...(shortNames.length > 0 ? { shortNames } : {}), ...(categories.length > 0 ? { categories } : {}) }
}

/** Both may be infinite. */
const compareRanks = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0)
