/**
 * A snapshot is one file: a line `drydock snapshot 1` (the format's version), a line of JSON, the {@link Manifest}, the parts one after another, and the
 * SHA-256 of everything before it. What it holds is told by its first two lines; that it is whole, by its last 32 bytes.
 */
export const FORMAT = 1
export const firstLine = (version: number): string => `drydock snapshot ${version}\n`
/** Bytes of the checksum at the end. */
export const CHECKSUM = 32

/** The store's newest state, the keys that its certificates and tokens were made with, those that its Secrets are sealed with, and the settings. */
export const snapshotParts = [
  'store.db',
  'pki/ca.crt',
  'pki/ca.key',
  'pki/sa.key',
  'sealing.key',
  'cluster.json',
] as const
/** Parts of a snapshot's file. */
export type PartName = (typeof snapshotParts)[number]

/** What a snapshot says of itself. */
export interface Manifest {
  cluster: string
  /** When it was taken, RFC 3339. */
  taken: string
  /** Version of the Drydock that took it. */
  drydock: string
  /** Version of the store's schema. */
  schema: number
  /** The cluster's newest revision then. */
  revision: number
  /** Number of objects by resource and group, as in `deployments.apps`. */
  objects: Record<string, number>
  /** In the order in which they follow. */
  parts: Array<{ name: PartName; bytes: number }>
}

/** The manifest in a line of JSON, or undefined when that is none. */
export function parseManifest(line: string): Manifest | undefined {
  try {
    const { cluster, taken, drydock, schema, revision, objects, parts } = JSON.parse(line) as Partial<Manifest>
    const texts = [cluster, taken, drydock].every((value) => typeof value === 'string')
    const sizes = Array.isArray(parts) ? parts.map((part) => part.bytes) : []
    const counts = objects ? Object.values(objects) : [undefined]
    const numbers = [schema, revision, ...sizes, ...counts].every(isCount)
    const names = Array.isArray(parts) ? parts.map((part) => part.name).join() : ''
    if (!texts || !numbers || names !== snapshotParts.join()) return undefined
    return JSON.parse(line) as Manifest
  } catch {
    // What is no JSON is no manifest: the caller says so with the file's name.
    return undefined
  }
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0

/** `/registry/core/pods/` → `pods`, `/registry/apps/deployments/` → `deployments.apps`. */
export function resourceOf(prefix: string): string {
  const [, , group = '', plural = ''] = prefix.split('/')
  return group === 'core' ? plural : `${plural}.${group}`
}

/** All objects of a snapshot. */
export const countOf = ({ objects }: Pick<Manifest, 'objects'>): number =>
  Object.values(objects).reduce((sum, count) => sum + count, 0)
