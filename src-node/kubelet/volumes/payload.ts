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

const PLAIN_MODE = 0o644

/** One part of a volume that the kubelet writes, whichever type of volume it is in. */
type Part = VolumeProjection

/** The parts of a volume made of files; undefined for a volume of another type. */
function partsOf(volume: Volume): { parts: readonly Part[]; mode: number } | undefined {
  const { configMap, secret, downwardAPI, projected } = volume
  if (configMap) return { parts: [{ configMap }], mode: configMap.defaultMode ?? PLAIN_MODE }
  if (secret) {
    const { secretName, items, optional, defaultMode } = secret
    return { parts: [{ secret: { name: secretName ?? '', items, optional } }], mode: defaultMode ?? PLAIN_MODE }
  }
  if (downwardAPI) return { parts: [{ downwardAPI }], mode: downwardAPI.defaultMode ?? PLAIN_MODE }
  if (projected) return { parts: projected.sources ?? [], mode: projected.defaultMode ?? PLAIN_MODE }
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

/** Makes the files of the volume; throws in upstream's words when something it needs is not there: all that is missing at once. */
export async function makePayload(
  volume: Volume,
  pod: Pod,
  facts: DownwardFacts,
  sources: PayloadSources,
): Promise<MadePayload> {
  const { parts, mode } = partsOf(volume) ?? { parts: [], mode: PLAIN_MODE }
  const made: MadePayload = { payload: new Map(), refreshAt: undefined }
  const errors: unknown[] = []
  for (const [i, part] of parts.entries()) {
    const id = `${volume.name}/${i}`
    await makePart({ id, part, mode, pod, facts, made }, sources).catch((error: unknown) => void errors.push(error))
  }
  if (errors.length === 0) return made
  if (errors.length === 1) throw errors[0]
  const words = errors.map((error) => (error instanceof Error ? error.message : String(error)))
  throw new Error(`[${[...new Set(words)].join(', ')}]`, { cause: errors[0] })
}

interface PartRequest {
  /** Of the part among all of the pod's. */
  id: string
  part: Part
  mode: number
  pod: Pod
  facts: DownwardFacts
  /** What its files are put into. */
  made: MadePayload
}

async function makePart({ id, part, mode, pod, facts, made }: PartRequest, from: PayloadSources): Promise<void> {
  const { payload } = made
  const put = (path: string, text: string): unknown =>
    payload.set(path, { data: Buffer.from(text), ...ownerOf(pod, mode) })
  const again = (at: number): number => (made.refreshAt = Math.min(made.refreshAt ?? Infinity, at))
  const source = keySource(part)
  const { downwardAPI, serviceAccountToken: token, clusterTrustBundle: bundle, podCertificate } = part
  if (source) merge(payload, await keysPayload(from.references, pod.metadata.namespace ?? 'default', source, mode))
  if (downwardAPI) merge(payload, downwardPayload(downwardAPI.items ?? [], mode, pod, facts))
  if (bundle) put(bundle.path, await from.bundles.anchors(bundle))
  if (token) {
    const held = await from.tokens.get(pod, token)
    again(held.refreshAt)
    put(token.path, held.token)
  }
  if (podCertificate) {
    const held = await from.certificates.get(pod, id, podCertificate)
    again(held.refreshAt)
    for (const [path, text] of certificateFiles(podCertificate, held)) put(path, text)
  }
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
