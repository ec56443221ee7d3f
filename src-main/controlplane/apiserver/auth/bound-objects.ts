import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import { parseTime } from '../../../../src-kube/machinery/time.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { ObjectReader } from '../../admission/admission.ts'
import { INVALID_SINCE, isLegacyToken } from './legacy-tokens.ts'

interface Named {
  name: string
  uid: string
}

/** What a service account's token says of itself, below the claim `kubernetes.io`. */
export interface Claims {
  namespace: string
  serviceaccount: Named
  pod?: Named
  secret?: Named
  node?: Named
}

/** Where the objects are found. */
interface Whereabouts {
  read: ObjectReader
  clock: Clock
  /** Hears of every use of a token that a secret holds. */
  onLegacyUse?(secret: KubeObject): void
}

/** Milliseconds. */
const LEEWAY = 60_000

/**
 * Whether what the token speaks of still exists (kubernetes.io, "Managing Service Accounts: Bound service account tokens"). The node of a
 * pod is only told of: a pod outlives no node.
 */
export async function boundObjectsExist(claims: Claims, where: Whereabouts): Promise<boolean> {
  const { namespace, serviceaccount, pod, secret, node } = claims
  if (!(await find(where, 'serviceaccounts', namespace, serviceaccount))) return false
  if (secret && !(await isGoodSecret(where, namespace, secret))) return false
  if (pod) return (await find(where, 'pods', namespace, pod)) !== undefined
  return node ? (await find(where, 'nodes', '', node)) !== undefined : true
}

async function isGoodSecret(where: Whereabouts, namespace: string, bound: Named): Promise<boolean> {
  const found = await find(where, 'secrets', namespace, bound)
  if (!found || !isLegacyToken(found)) return found !== undefined
  if (found.metadata.labels?.[INVALID_SINCE]) return false
  where.onLegacyUse?.(found)
  return true
}

/** The very object, if it is not long gone. */
async function find(
  { read, clock }: Whereabouts,
  resource: string,
  namespace: string,
  bound: Named,
): Promise<KubeObject | undefined> {
  const found = await read.get('', resource, namespace, bound.name)
  return found?.metadata.uid === bound.uid && !hasEnded(found, clock.now()) ? found : undefined
}

/** Objects that end keep their tokens for their grace period and a minute more: who ends may still need to say so. */
function hasEnded({ metadata }: KubeObject, now: number): boolean {
  const ends = parseTime(metadata.deletionTimestamp)
  return ends !== undefined && ends + LEEWAY < now
}
