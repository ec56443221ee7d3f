import type { Container, ContainerStatus, Pod } from '#types/core/v1'
import { claimFor } from '../../../../src-kube/kinds/resource/pod-claims.ts'

/** A device of a claim, as its driver readied it. */
export interface PreparedDevice {
  /** Requests of the claim that it is for; all of them when empty. */
  requests: readonly string[]
  pool: string
  device: string
  /** What a container that uses it is given (Container Device Interface). */
  cdiDevices: readonly string[]
  /** Which part of it, of one that several share; empty for the whole. */
  share: string
}

/** A claim that pods of this node use. */
export interface PreparedClaim {
  uid: string
  name: string
  namespace: string
  /** Uids. */
  pods: readonly string[]
  /** By driver; what is not readied yet has none. */
  drivers: Readonly<Record<string, readonly PreparedDevice[]>>
}

/** `namespace/name`. */
export const claimKey = ({ namespace, name }: { namespace: string; name: string }): string => `${namespace}/${name}`

/** A claim that a container uses, by key: the requests of it, or all where that is undefined. */
export interface UsedClaim {
  key: string
  request: string | undefined
}

/**
 * What a container uses of its pod's claims: what it names, and what the scheduler had made for its extended resources (KEP-4381, KEP-5004). Throws an
 * Error for a claim that is not there yet. Pure.
 */
export function claimsOfContainer(pod: Pod, container: Container): UsedClaim[] {
  const { namespace = '' } = pod.metadata
  const named = (container.resources?.claims ?? []).flatMap(({ name, request }): UsedClaim[] => {
    const entry = pod.spec.resourceClaims?.find((one) => one.name === name)
    if (!entry) return []
    const claim = claimFor(pod, entry)
    if (claim.kind === 'missing') throw new Error(claim.why)
    return claim.kind === 'none'
      ? []
      : [{ key: claimKey({ namespace, name: claim.name }), request: request || undefined }]
  })
  const { resourceClaimName: name, requestMappings = [] } = pod.status?.extendedResourceClaimStatus ?? {}
  if (!name) return named
  const mapped = requestMappings.filter(({ containerName }) => containerName === container.name)
  return [...named, ...mapped.map(({ requestName }) => ({ key: claimKey({ namespace, name }), request: requestName }))]
}

/** The devices of a claim that a request stands for: those of one of several wishes are the request's. Pure. */
export const devicesFor = ({ drivers }: PreparedClaim, request: string | undefined): PreparedDevice[] =>
  Object.values(drivers)
    .flat()
    .filter(
      ({ requests }) =>
        request === undefined || requests.length === 0 || requests.some((name) => name.split('/')[0] === request),
    )

/** How the devices are that a container uses by claims, as its status tells it (KEP-4680). Pure. */
export function claimStatuses(
  pod: Pod,
  container: Container,
  claims: ReadonlyMap<string, PreparedClaim>,
  healthOf: (driver: string, device: PreparedDevice) => 'Healthy' | 'Unhealthy' | 'Unknown',
): NonNullable<ContainerStatus['allocatedResourcesStatus']> {
  return (container.resources?.claims ?? []).flatMap(({ name, request }) => {
    const resources = { claims: [request ? { name, request } : { name }] }
    const [used] = claimsOfContainer(pod, { ...container, resources })
    const claim = used && claims.get(used.key)
    if (!claim) return []
    const found = Object.entries(claim.drivers).flatMap(([driver, devices]) =>
      devicesFor({ ...claim, drivers: { [driver]: devices } }, request || undefined).map((device) => ({
        resourceID: device.cdiDevices[0] ?? `${driver}/${device.pool}/${device.device}`,
        health: healthOf(driver, device),
      })),
    )
    const each = [...new Map(found.map((one) => [one.resourceID, one])).values()]
    return each.length > 0 ? [{ name: `claim:${name}${request ? `/${request}` : ''}`, resources: each }] : []
  })
}

/** What an agent leaves the next one. Pure. */
export const encodeClaims = (claims: Iterable<PreparedClaim>): string =>
  JSON.stringify({ kind: 'DRACheckpoint', claims: [...claims] })

/** Throws an Error for what no agent left. Pure. */
export function decodeClaims(text: string): PreparedClaim[] {
  const { kind, claims } = JSON.parse(text) as { kind?: string; claims?: PreparedClaim[] }
  if (kind !== 'DRACheckpoint' || !Array.isArray(claims)) throw new Error('checkpoint is corrupted')
  return claims
}
