import type { KubeObject, ObjectLike } from '../machinery/meta.ts'
import type { Cell } from './cells.ts'
import type { Column, KindDescriptor, ScalePaths, ServedVersion, Subresource } from './descriptor.ts'

const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
const partVerbs = ['get', 'patch', 'update']

/** An older (or second) version, typed by the objects it speaks. */
export interface OtherVersion<Old extends ObjectLike, Stored extends ObjectLike> {
  group: string
  version: string
  /** Release of deprecation, of removal and what to use, as upstream's lifecycle tables state them. */
  deprecated?: { since: string; removed: string; replacement?: string }
  defaults?: (object: Old) => void
  toStorage?: (object: Old) => Stored
  fromStorage?: (object: Stored) => Old
}

/** What tells a kind from others; what is left out is as it is for most of them. */
export interface KindOptions<T extends ObjectLike> {
  group: string
  kind: string
  plural: string
  /** `v1` when absent. */
  version?: string
  shortNames?: string[]
  categories?: string[]
  /** `true`: cluster-scoped. */
  cluster?: boolean
  /** All eight when absent. */
  verbs?: string[]
  /** Whether there is a `status` subresource. */
  status?: boolean
  scale?: ScalePaths
  /** Beyond status and scale. */
  subresources?: Subresource[]
  hasGeneration?: boolean
  defaultsMetadata?: boolean
  columns: Column[]
  row: (object: T, now: number) => Cell[]
  /** Defaults of the storage version. */
  defaults?: (object: T) => void
  /** What clients are told at every use, of a kind that is deprecated in all versions. */
  warning?: string
  /** Versions besides the storage version, in order of preference. */
  others?: ServedVersion[]
  selectableFields?: Record<string, (object: T) => string>
}

/**
 * Makes a descriptor from what is special about a kind. The one place where typed functions of a kind become functions of any
 * object: the registry only hands them objects of that kind.
 */
export function defineKind<T extends ObjectLike>(options: KindOptions<T>): KindDescriptor {
  const { group, kind, plural, version = 'v1' } = options
  const own: ServedVersion = {
    group,
    version,
    ...(options.defaults ? { defaults: untyped(options.defaults) } : {}),
    ...(options.warning ? { warning: options.warning } : {}),
  }
  return {
    group,
    kind,
    listKind: `${kind}List`,
    plural,
    singular: kind.toLowerCase(),
    shortNames: options.shortNames ?? [],
    categories: options.categories ?? [],
    scope: options.cluster ? 'Cluster' : 'Namespaced',
    storageVersion: version,
    served: [own, ...(options.others ?? [])],
    verbs: options.verbs ?? allVerbs,
    subresources: subresourcesOf(options),
    ...(options.scale ? { scale: options.scale } : {}),
    hasGeneration: options.hasGeneration ?? false,
    ...(options.defaultsMetadata ? { defaultsMetadata: true } : {}),
    columns: options.columns,
    row: untyped(options.row),
    ...(options.selectableFields ? { selectableFields: untypedRecord(options.selectableFields) } : {}),
  }
}

/** A served version with typed functions, as the table of versions keeps it. */
export function otherVersion<Old extends ObjectLike, Stored extends ObjectLike>(
  version: OtherVersion<Old, Stored>,
): ServedVersion {
  const { defaults, toStorage, fromStorage, ...rest } = version
  return {
    ...rest,
    ...(defaults ? { defaults: untyped(defaults) } : {}),
    ...(toStorage ? { toStorage: untyped(toStorage) as unknown as (object: KubeObject) => KubeObject } : {}),
    ...(fromStorage ? { fromStorage: untyped(fromStorage) as unknown as (object: KubeObject) => KubeObject } : {}),
  }
}

function subresourcesOf<T extends ObjectLike>(options: KindOptions<T>): Subresource[] {
  const list = [...(options.subresources ?? [])]
  if (options.scale) list.push({ name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: partVerbs })
  if (options.status) list.push({ name: 'status', kind: options.kind, verbs: partVerbs })
  return list
}

function untyped<T extends ObjectLike, Rest extends unknown[], R>(
  typed: (object: T, ...rest: Rest) => R,
): (object: KubeObject, ...rest: Rest) => R {
  return typed as unknown as (object: KubeObject, ...rest: Rest) => R
}

function untypedRecord<T extends ObjectLike>(
  fields: Record<string, (object: T) => string>,
): Record<string, (object: KubeObject) => string> {
  return fields as unknown as Record<string, (object: KubeObject) => string>
}
