import type { Pod, Volume, VolumeProjection } from '#types/core/v1'
import { asksLimit } from '../plan/pod-fields.ts'
import type { Payload, PayloadFile } from './atomic-writer.ts'
import { type DownwardFacts, downwardPayload } from './downward-api.ts'
import { type KeySource, keysPayload } from './keys.ts'
import { commonUser } from './ownership.ts'
import type { References, ReferenceKey } from './references.ts'
import type { TokenSource } from './service-account-token.ts'

/** What the files of a volume are made from. */
export interface PayloadSources {
  references: References
  tokens: TokenSource
}

/** A volume's files, and when they must be made again without a change of what they are made from. */
export interface MadePayload {
  payload: Payload
  refreshAt: number | undefined
}

const plainMode = 0o644

/** One part of a volume that the kubelet writes, whichever type of volume it is in. */
type Part = VolumeProjection

/** What this node cannot make yet: a pod that needs it must not start without. */
const UNKNOWN = ['clusterTrustBundle', 'podCertificate'] as const

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

/** Makes the files of the volume; throws in upstream's words when something it needs is not there. */
export async function makePayload(
  volume: Volume,
  pod: Pod,
  facts: DownwardFacts,
  { references, tokens }: PayloadSources,
): Promise<MadePayload> {
  const { parts, mode } = partsOf(volume) ?? { parts: [], mode: plainMode }
  const payload: Payload = new Map()
  let refreshAt: number | undefined
  for (const part of parts) {
    const unknown = UNKNOWN.find((name) => part[name] !== undefined)
    if (unknown) throw new Error(`projected volume source ${unknown} is not supported by this node`)
    const source = keySource(part)
    if (source) merge(payload, await keysPayload(references, pod.metadata.namespace ?? 'default', source, mode))
    if (part.downwardAPI) merge(payload, downwardPayload(part.downwardAPI.items ?? [], mode, pod, facts))
    if (part.serviceAccountToken) {
      const held = await tokens.get(pod, part.serviceAccountToken)
      refreshAt = Math.min(refreshAt ?? Infinity, held.refreshAt)
      payload.set(part.serviceAccountToken.path, { data: Buffer.from(held.token), ...tokenOwner(pod, mode) })
    }
  }
  return { payload, refreshAt }
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

/** A token is its owner's alone where the pod says who that is, as upstream sets it (KEP-1205). */
function tokenOwner(pod: Pod, mode: number): Pick<PayloadFile, 'mode' | 'uid'> {
  const uid = commonUser(pod)
  if (uid === undefined && pod.spec.securityContext?.fsGroup === undefined) return { mode }
  return { mode: 0o600, uid }
}
