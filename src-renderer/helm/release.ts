/** Helm's releases, as Helm keeps them: a Secret of type `helm.sh/release.v1` a revision, its content JSON, gzipped and twice base64 (helm.sh, "Release Information"). */
import { formatYaml } from '../../src-kube/machinery/format-yaml.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { Health, Level } from '../kinds/health.ts'
import { at, textAt, timeAt } from '../kinds/view.ts'

/** One revision of a release, from the secret in which Helm keeps it. */
export interface HelmRevision {
  revision: number
  /** Helm's word: `deployed`, `superseded`, `failed`, `pending-upgrade`, … */
  status: string
  /** Milliseconds since the epoch. */
  updated: number
  secret: KubeObject
}

/** What a person means by a release: the latest of its revisions. */
export interface HelmRelease extends HelmRevision {
  /** `namespace/name`. */
  key: string
  namespace: string
  name: string
  /** The latest first. */
  revisions: HelmRevision[]
}

/** What stands in a revision. */
export interface ReleaseContent {
  chart: string
  chartVersion: string
  appVersion: string
  description: string
  notes: string
  /** What was given at installation, as YAML; empty for nothing. */
  values: string
  manifest: string
}

/** Releases by namespace and name, from all Secrets there are. */
export function releasesOf(secrets: Iterable<KubeObject>): HelmRelease[] {
  const byKey = new Map<string, HelmRevision[]>()
  for (const secret of secrets) {
    const name = secret.metadata.labels?.['name']
    if (at(secret, 'type') !== 'helm.sh/release.v1' || !name) continue
    const key = `${secret.metadata.namespace ?? ''}/${name}`
    byKey.set(key, [...(byKey.get(key) ?? []), revisionOf(secret)])
  }
  return [...byKey]
    .map(([key, found]) => {
      const revisions = found.toSorted((a, b) => b.revision - a.revision)
      const [namespace = '', name = ''] = key.split('/')
      return { ...revisions[0]!, key, namespace, name, revisions }
    })
    .sort((a, b) => (a.key < b.key ? -1 : 1))
}

function revisionOf(secret: KubeObject): HelmRevision {
  const labels = secret.metadata.labels ?? {}
  return {
    revision: Number(labels['version'] ?? 0),
    status: labels['status'] ?? 'unknown',
    updated: Number(labels['modifiedAt'] ?? 0) * 1000 || timeAt(secret, 'metadata', 'creationTimestamp'),
    secret,
  }
}

/** How a release fares, in Helm's word. */
export function releaseHealth({ status }: HelmRevision): Health {
  return { level: levelOf(status), reason: status }
}

function levelOf(status: string): Level {
  if (status === 'deployed') return 'ok'
  if (status === 'failed') return 'failed'
  return status.startsWith('pending') || status === 'uninstalling' ? 'progressing' : 'unknown'
}

/** Reads a revision's content. Rejects when it is not what Helm writes. */
export async function readRelease(secret: KubeObject): Promise<ReleaseContent> {
  const bytes = bytesOf(atob(textAt(secret, 'data', 'release')))
  const json = bytes[0] === 0x1f && bytes[1] === 0x8b ? await unzipped(bytes) : new TextDecoder().decode(bytes)
  const release = JSON.parse(json) as unknown
  const config = (at(release, 'config') ?? {}) as object
  return {
    chart: textAt(release, 'chart', 'metadata', 'name'),
    chartVersion: textAt(release, 'chart', 'metadata', 'version'),
    appVersion: textAt(release, 'chart', 'metadata', 'appVersion'),
    description: textAt(release, 'info', 'description'),
    notes: textAt(release, 'info', 'notes').trim(),
    values: Object.keys(config).length === 0 ? '' : formatYaml(config),
    manifest: textAt(release, 'manifest').trim(),
  }
}

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))

const unzipped = (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text()
