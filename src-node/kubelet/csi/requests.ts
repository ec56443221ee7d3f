import type { Pod, SecretReference } from '#types/core/v1'
import type { CSIDriver } from '#types/storage.k8s.io/v1'
import type { References } from '../volumes/references.ts'
import type { TokenSource } from '../volumes/service-account-token.ts'
import { type CsiVolume, podInfo } from './plan/volume.ts'

/** Where what drivers are told comes from. */
export interface RequestSources {
  references: Pick<References, 'secret'>
  tokens: TokenSource
}

const TOKENS = 'csi.storage.k8s.io/serviceAccount.tokens'

/** What a secret holds, as text; none for no secret. `what` names it in the words of a failure. */
export async function secretOf(
  { references }: RequestSources,
  reference: SecretReference | undefined,
  what: string,
): Promise<Record<string, string>> {
  if (!reference?.name) return {}
  const { name, namespace = '' } = reference
  const found = await references.secret(namespace, name)
  if (!found)
    throw new Error(
      `fetching ${what} ${namespace}/${name} failed: kubernetes.io/csi: failed to find the secret ${name} in the namespace ${namespace} with error: secrets ${JSON.stringify(name)} not found`,
    )
  const entries = Object.entries(found.data ?? {})
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value as string, 'base64').toString()]))
}

/** What a driver is told of a volume and of the pod that gets it: its attributes, the pod's words and tokens, and secrets. */
export async function publishFacts(
  sources: RequestSources,
  pod: Pod,
  volume: CsiVolume,
  object: CSIDriver | undefined,
): Promise<{ volumeContext: Record<string, string>; secrets: Record<string, string> }> {
  const secrets = await secretOf(sources, volume.secrets.publish, 'NodePublishSecretRef')
  const tokens = await tokensFor(sources.tokens, pod, object)
  const inSecrets = object?.spec.serviceAccountTokenInSecrets ?? false
  return {
    volumeContext: { ...volume.attributes, ...podInfo(pod, volume, object), ...(inSecrets ? {} : tokens) },
    secrets: { ...secrets, ...(inSecrets ? tokens : {}) },
  }
}

/** Tokens of the pod's account for whom the driver asks (kubernetes.io, "CSIDriver: tokenRequests"), by audience, as JSON. */
async function tokensFor(
  tokens: TokenSource,
  pod: Pod,
  object: CSIDriver | undefined,
): Promise<Record<string, string>> {
  const requests = object?.spec.tokenRequests ?? []
  if (requests.length === 0) return {}
  const entries = requests.map(async ({ audience, expirationSeconds }) => {
    const { token, expires } = await tokens.get(pod, {
      path: '',
      ...(audience ? { audience } : {}),
      ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
    })
    return [audience, { token, expirationTimestamp: expires }] as const
  })
  return { [TOKENS]: JSON.stringify(Object.fromEntries(await Promise.all(entries))) }
}
