import type { PersistentVolumeClaimSpec, ProjectedVolumeSource, Volume, VolumeProjection } from '#types/core/v1'
import { checkShared } from '../../../src-kube/machinery/deep-freeze.ts'
import { fractionOfBytes } from './byte-warnings.ts'

/** Types of volumes that do nothing any more. */
const oldVolumes: Readonly<Record<string, string>> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
}

/** Types that a volume, or what a claim is bound to, names among its fields. */
export function warningsOfSources(volume: object, at: string): string[] {
  return Object.keys(volume).flatMap((type) => {
    const found = oldVolumes[type]
    return found ? [`${at}.${type === 'storageos' ? 'storageOS' : type}: ${found}`] : []
  })
}

/** What a claim asks for, in whole bytes. */
export function warningsOfClaimSpec({ resources }: PersistentVolumeClaimSpec, at: string): string[] {
  return (['requests', 'limits'] as const).flatMap((field) =>
    fractionOfBytes(`${at}.resources.${field}[storage]`, resources?.[field]?.['storage']),
  )
}

/** Projections whose files are known to keep out of each other's way: that of a pod's token is one for all pods. */
const apart = new WeakSet<ProjectedVolumeSource>()

/** Volumes without effect, and files of one volume that take each other's place (reference: upstream's warnings of pods). */
export function warningsOfVolumes(volumes: readonly Volume[], at: string): string[] {
  const words = volumes.flatMap((volume, i) => {
    const old = warningsOfSources(volume, `${at}[${i}]`)
    const claim = volume.ephemeral?.volumeClaimTemplate
    if (!claim) return old
    return [...old, ...warningsOfClaimSpec(claim.spec, `${at}[${i}].ephemeral.volumeClaimTemplate.spec`)]
  })
  for (const volume of volumes) {
    words.push(...overlapsOfVolume(volume))
    const { name, projected } = volume
    if (projected)
      words.push(...checkShared(apart, projected, () => overlapsOfProjection(name, projected.sources ?? [])))
  }
  return words
}

const pathsOf = (items: ReadonlyArray<{ path: string }>): string[] => items.map(({ path }) => path)

function overlapsOfVolume({ name, configMap, secret, downwardAPI }: Volume): string[] {
  const volume = `volume "${name}"`
  if (configMap?.items) return overlaps(pathsOf(configMap.items), `${volume} (ConfigMap "${configMap.name ?? ''}")`)
  if (secret?.items) return overlaps(pathsOf(secret.items), `${volume} (Secret "${secret.secretName ?? ''}")`)
  return downwardAPI?.items ? overlaps(pathsOf(downwardAPI.items), `${volume} (DownwardAPI)`) : []
}

/** Each source by itself, then beside the paths of those before it. */
function overlapsOfProjection(name: string, sources: readonly VolumeProjection[]): string[] {
  const known = new Set<string>()
  return sources.flatMap((source) => {
    const found = pathsOfSource(source)
    if (!found) return Object.keys(source).length > 0 ? [] : [`volume "${name}" (Projected) has no sources provided`]
    const { paths, what } = found
    const here = `volume "${name}" (Projected ${what})`
    const own = overlaps(paths, here)
    const all = [...new Set(paths), ...known].sort()
    paths.forEach((path) => known.add(path))
    return [...own, ...overlaps(all, here)]
  })
}

function pathsOfSource(source: VolumeProjection): { paths: string[]; what: string } | undefined {
  const { configMap, secret, downwardAPI, serviceAccountToken: token, clusterTrustBundle: bundle } = source
  if (configMap?.items) return { paths: pathsOf(configMap.items), what: `ConfigMap "${configMap.name ?? ''}"` }
  if (secret?.items) return { paths: pathsOf(secret.items), what: `Secret "${secret.name ?? ''}"` }
  if (downwardAPI?.items) return { paths: pathsOf(downwardAPI.items), what: 'DownwardAPI' }
  if (token) return { paths: [token.path], what: 'ServiceAccountToken' }
  if (bundle) return { paths: [bundle.path], what: `ClusterTrustBundle "${bundle.name ?? bundle.signerName ?? ''}"` }
  return undefined
}

/** Paths that are another's, or that another's begins with: as upstream, by their letters, `ab` within `abc` among them. */
function overlaps(paths: readonly string[], where: string): string[] {
  const known = new Set<string>()
  return paths.flatMap((given) => {
    const path = given.replace(/\/+$/, '')
    const other = [...known].find((item) => meet(item, path))
    known.add(path)
    return other === undefined ? [] : [`${where}: overlapping paths: "${path}" with "${other}"`]
  })
}

const meet = (one: string, other: string): boolean =>
  one !== '' && other !== '' && (`${one}/`.startsWith(other) || `${other}/`.startsWith(one))
