import type { KubeObject } from '../machinery/meta.ts'
import type { WebhookConversion } from './custom/conversion.ts'
import type { CustomVersion } from './custom/version.ts'

/** One column of a server-side table; `priority` above 0 shows only with `-o wide`. */
export interface Column {
  name: string
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  format?: 'name' | 'date' | ''
  description?: string
  priority?: number
}

/** How `scale` reads and writes a kind, as JSON paths without the leading dot. */
export interface ScalePaths {
  spec: string
  status: string
  /** Path of the label selector (an object of the storage version, or its text). */
  selector: string
  /** The selector is a map of labels, as old kinds have it. */
  plain?: boolean
}

/** A subresource as discovery lists it. */
export interface Subresource {
  /** `status`, `scale`, `log`, `binding`, … */
  name: string
  /** Kind it speaks, with its group and version when they differ from the parent's. */
  kind: string
  group?: string
  version?: string
  verbs: string[]
}

/** A version under which a kind is served; the group may differ from the kind's own (extensions/v1beta1). */
export interface ServedVersion {
  group: string
  version: string
  /** Present for old versions: the words of the warning are made from it (KEP-1693). */
  deprecated?: { since: string; removed: string; replacement?: string }
  /** Words of a deprecation that a definition gives itself. */
  warning?: string
  /** Fills in what this version defaults; mutates a fresh, decoded object of this version. */
  defaults?: (object: KubeObject) => void
  /** Rewrites to and from the storage version; absent when only `apiVersion` differs. Pure: returns a new object. */
  toStorage?: (object: KubeObject) => KubeObject
  fromStorage?: (object: KubeObject) => KubeObject
  /** A custom resource's own rules; the tables of facts hold those of built-in kinds. */
  custom?: CustomVersion
}

/** Everything generic code knows of a built-in kind. CRDs become the same descriptors at run time. */
export interface KindDescriptor {
  /** Group of the storage version; empty for the core group. */
  group: string
  kind: string
  listKind: string
  plural: string
  singular: string
  shortNames: string[]
  categories: string[]
  scope: 'Namespaced' | 'Cluster'
  /** Version objects are stored in: `v1`. */
  storageVersion: string
  /** In order of preference; the first is the storage version's own unless said otherwise. */
  served: ServedVersion[]
  verbs: string[]
  subresources: Subresource[]
  scale?: ScalePaths
  /** Whether `metadata.generation` counts changes of everything but metadata and status. */
  hasGeneration: boolean
  /** Whether defaults are of metadata, too, so that they are set again where a patch changed nothing else. */
  defaultsMetadata?: boolean
  columns: Column[]
  /** Cells of one row, in the order of `columns`. `now` is milliseconds since the epoch. */
  row: (object: KubeObject, now: number) => Array<string | number | boolean | null>
  /** Field selectors beyond metadata.name and metadata.namespace: path → value of an object in the storage version. */
  selectableFields?: Record<string, (object: KubeObject) => string>
  /** Custom kinds whose versions differ by name alone: the others that are served, in which admission may want the object. */
  equivalents?: ServedVersion[]
  /** Custom kinds: all versions of the definition, served or not, in which somebody may own fields. */
  versions?: readonly string[]
  /** Custom kinds whose versions a webhook makes of each other: `storageVersion` is then the one version served here. */
  conversion?: WebhookConversion
}

/** Group, version and plural of a resource, and what a client must know to address it. */
export interface ResourceRef {
  group: string
  version: string
  resource: string
  kind: string
  namespaced: boolean
}

/** How clients address the kind: by its storage version. */
export function resourceOf(descriptor: KindDescriptor): ResourceRef {
  return {
    group: descriptor.group,
    version: descriptor.storageVersion,
    resource: descriptor.plural,
    kind: descriptor.kind,
    namespaced: descriptor.scope === 'Namespaced',
  }
}
