import type { Pod, PodCertificateProjection, Volume, VolumeProjection } from '#types/core/v1'
import { asksLimit } from '../plan/pod-fields.ts'
import type { Payload, PayloadFile } from './atomic-writer.ts'
import { type DownwardFacts, downwardPayload } from './downward-api.ts'
import { type KeySource, keysPayload } from './keys.ts'
import { commonUser } from './ownership.ts'
import type { HeldCertificate, PodCertificates } from './pod-certificates.ts'
import type { References, ReferenceKey } from './references.ts'
import type { TokenSource } from './service-account-token.ts'
import type { TrustBundles } from './trust-bundles.ts'

/** What the files of a volume are made from. */
export interface PayloadSources {
  references: References
  tokens: TokenSource
  bundles: Pick<TrustBundles, 'anchors' | 'hold'>
  certificates: Pick<PodCertificates, 'get' | 'hold'>
}

/** A volume's files, and when they must be made again without a change of what they are made from. */
export interface MadePayload {
  payload: Payload
  refreshAt: number | undefined
}

const plainMode = 0o644

/** One part of a volume that the kubelet writes, whichever type of volume it is in. */
type Part = VolumeProjection

/** The parts of a volume made of files; undefined for a volume of another type. */
function partsOf(volume: Volume): { parts: readonly Part[]; mode: number } | undefined {
  const { configMap, secret, downwardAPI, projected } = volume
  if (configMap) return { parts: [{ configMap }], mode: configMap.defaultMode ?? plainMode }
  if (secret) {
    const { secretName, items, optional, defaultMode } = secret
    return { parts: [{ secret: { name: secretName ?? '', items, optional } }], mode: defaultMode ?? plainMode }
  }
  if (downwardAPI) return { parts: [{ downwardAPI }], mode: downwardAPI.defaultMode ?? plainMode }
  if (projected) return { parts: projected.sources ?? [], mode: projected.defaultMode ?? plainMode }
  return undefined
}

/** Whether the kubelet writes this volume's files. */
export const isWritten = (volume: Volume): boolean => partsOf(volume) !== undefined

/** The objects whose change changes the volume. */
export function referencesOf(volume: Volume, namespace: string): ReferenceKey[] {
  return (partsOf(volume)?.parts ?? []).flatMap((part) => {
    const source = keySource(part)
    return source ? [{ kind: source.kind, namespace, name: source.name }] : []
  })
}

/** Whether the volume tells of the pod itself, which may change. */
export const tellsPodFields = (volume: Volume): boolean =>
  partsOf(volume)?.parts.some((part) => part.downwardAPI !== undefined) ?? false

/** Whether the volume tells a limit, which may have to be the node's own. */
export const asksLimits = (volume: Volume): boolean =>
  (partsOf(volume)?.parts ?? []).some((part) =>
    part.downwardAPI?.items?.some(({ resourceFieldRef }) => asksLimit(resourceFieldRef)),
  )

/** Has `changed` called when bundles or certificates in the volume may have changed; answers how to let go. */
export function holdCertificates(
  volume: Volume,
  { metadata }: Pod,
  { bundles, certificates }: Pick<PayloadSources, 'bundles' | 'certificates'>,
  changed: () => void,
): Array<() => void> {
  const parts = partsOf(volume)?.parts ?? []
  return [
    ...(parts.some((part) => part.clusterTrustBundle) ? [bundles.hold(changed)] : []),
    ...(parts.some((part) => part.podCertificate) ? [certificates.hold(metadata.uid, changed)] : []),
  ]
}

/** Makes the files of the volume; throws in upstream's words when something it needs is not there. */
export async function makePayload(
  volume: Volume,
  pod: Pod,
  facts: DownwardFacts,
  { references, tokens, bundles, certificates }: PayloadSources,
): Promise<MadePayload> {
  const { parts, mode } = partsOf(volume) ?? { parts: [], mode: plainMode }
  const payload: Payload = new Map()
  let refreshAt: number | undefined
  const put = (path: string, text: string): unknown =>
    payload.set(path, { data: Buffer.from(text), ...ownerOf(pod, mode) })
  const again = (at: number): number => (refreshAt = Math.min(refreshAt ?? Infinity, at))
  for (const [i, part] of parts.entries()) {
    const source = keySource(part)
    const { downwardAPI, serviceAccountToken: token, clusterTrustBundle: bundle, podCertificate } = part
    if (source) merge(payload, await keysPayload(references, pod.metadata.namespace ?? 'default', source, mode))
    if (downwardAPI) merge(payload, downwardPayload(downwardAPI.items ?? [], mode, pod, facts))
    if (bundle) put(bundle.path, await bundles.anchors(bundle))
    if (token) {
      const held = await tokens.get(pod, token)
      again(held.refreshAt)
      put(token.path, held.token)
    }
    if (podCertificate) {
      const held = await certificates.get(pod, `${volume.name}/${i}`, podCertificate)
      again(held.refreshAt)
      for (const [path, text] of certificateFiles(podCertificate, held)) put(path, text)
    }
  }
  return { payload, refreshAt }
}

function certificateFiles(source: PodCertificateProjection, { key, chain }: HeldCertificate): Array<[string, string]> {
  const { credentialBundlePath, keyPath, certificateChainPath } = source
  return [
    ...(credentialBundlePath ? [[credentialBundlePath, key + chain] as [string, string]] : []),
    ...(keyPath ? [[keyPath, key] as [string, string]] : []),
    ...(certificateChainPath ? [[certificateChainPath, chain] as [string, string]] : []),
  ]
}

function merge(into: Payload, from: Payload): void {
  for (const [path, file] of from) into.set(path, file)
}

function keySource({ configMap, secret }: Part): KeySource | undefined {
  const source = configMap ?? secret
  if (!source) return undefined
  const kind = configMap ? 'configMap' : 'secret'
  return { kind, name: source.name ?? '', items: source.items, optional: source.optional === true }
}

/** A token or key is its owner's alone where the pod says who that is, as upstream sets it (KEP-1205). */
function ownerOf(pod: Pod, mode: number): Pick<PayloadFile, 'mode' | 'uid'> {
  const uid = commonUser(pod)
  if (uid === undefined && pod.spec.securityContext?.fsGroup === undefined) return { mode }
  return { mode: 0o600, uid }
}
