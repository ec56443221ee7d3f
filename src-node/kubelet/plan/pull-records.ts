/** A pull secret as it is remembered: which one it was, and a digest of what it said. */
export interface PullSecret {
  namespace: string
  name: string
  uid: string
  hash: string
}

/** Who may use an image that the kubelet pulled from a repository: every pod of the node, or those with a secret that it was pulled with. */
export interface PullRecord {
  everybody: boolean
  secrets: readonly PullSecret[]
}

/** Which images on the node pods must show credentials for (kubernetes.io, "Images: Ensure image pull credential verification"). */
export type ImageVerification = 'AlwaysVerify' | 'NeverVerify' | 'NeverVerifyPreloadedImages'

/** The kubelet's own: what it did not pull itself is everybody's. */
export const DEFAULT_VERIFICATION: ImageVerification = 'NeverVerifyPreloadedImages'

/** Nobody's, until a pod shows that it may pull. */
const nobody: PullRecord = { everybody: false, secrets: [] }

/** Who may use an image by its record; an image without one was not pulled by the kubelet. Pure. */
export const ownersOf = (record: PullRecord | undefined, policy: ImageVerification): PullRecord =>
  policy === 'NeverVerify' || (!record && policy === 'NeverVerifyPreloadedImages')
    ? { everybody: true, secrets: [] }
    : (record ?? nobody)

/** Whether one of a pod's secrets is known for the image: the same one, whatever it says by now, or another that says the same. Pure. */
export const isKnown = ({ secrets }: PullRecord, held: readonly PullSecret[]): boolean =>
  held.some((one) => secrets.some((known) => known.hash === one.hash || isSame(known, one)))

/** The record once the image was pulled with a secret, or by everybody's means. Pure. */
export function noted(record: PullRecord | undefined, by: PullSecret | undefined): PullRecord {
  if (!by || record?.everybody) return { everybody: true, secrets: [] }
  const others = (record?.secrets ?? []).filter((one) => !isSame(one, by))
  return { everybody: false, secrets: [...others, by] }
}

const isSame = (a: PullSecret, b: PullSecret): boolean =>
  a.uid === b.uid && a.name === b.name && a.namespace === b.namespace
