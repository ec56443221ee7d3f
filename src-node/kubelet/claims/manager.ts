import type { Container, Pod } from '#types/core/v1'
import type { ResourceClaim } from '#types/resource.k8s.io/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import type { Client } from '../../../src-kube/client/typed-client.ts'
import { claimFor, isReservedFor, notOwnedBy, usesClaims } from '../../../src-kube/kinds/resource/pod-claims.ts'
import type { CheckpointFile } from '../devices/checkpoint-file.ts'
import type { DriverHealth } from './health.ts'
import type { Drivers } from './drivers.ts'
import {
  claimKey,
  claimStatuses,
  claimsOfContainer,
  decodeClaims,
  devicesFor,
  encodeClaims,
  type PreparedClaim,
} from './plan/prepared.ts'

/** What readies claims of devices for pods. */
export interface ClaimManagerOptions {
  client: Client
  drivers: Pick<Drivers, 'get' | 'prepare' | 'unprepare'>
  health: Pick<DriverHealth, 'of'>
  file: Pick<CheckpointFile, 'read' | 'write'>
  log(message: string): void
}

/**
 * Has drivers ready the devices of claims before a pod that uses them starts, and take them back when the last such pod has ended (kubernetes.io,
 * "Dynamic Resource Allocation"). Which pod uses which claim stands in a file before a driver is asked, so that an agent which starts anew
 * leaves no device readied for nobody.
 */
export class ClaimManager {
  readonly #options: ClaimManagerOptions
  readonly #claims = new Map<string, PreparedClaim>()
  /** Keys of those that drivers readied since this agent started: devices of a node that started anew must be readied again. */
  readonly #ready = new Set<string>()
  /** By key: what is done about a claim is done in turn. */
  readonly #turns = new Map<string, Promise<unknown>>()
  #loaded: Promise<void> = Promise.resolve()

  constructor(options: ClaimManagerOptions) {
    this.#options = options
  }

  /** Reads what an earlier agent left. */
  load(): Promise<void> {
    this.#loaded = this.#load()
    return this.#loaded
  }

  async #load(): Promise<void> {
    try {
      const text = await this.#options.file.read()
      if (text === undefined) return
      for (const claim of decodeClaims(text)) this.#claims.set(claimKey(claim), claim)
    } catch (error) {
      this.#options.log(`claims of devices: ${String(error)}`)
    }
  }

  /** Those that pods of this node use. */
  get claims(): Iterable<PreparedClaim> {
    return this.#claims.values()
  }

  /** Readies all that a pod uses; what is ready stays as it is. Throws an Error in upstream's words. */
  async prepare(pod: Pod): Promise<void> {
    if (!usesClaims(pod)) return
    await this.#loaded
    try {
      // Nothing is begun before all of it can be: a pod that could not start must be able to end without the driver.
      const claims = await this.#claimsOf(pod)
      for (const claim of claims) for (const driver of driversOf(claim)) this.#options.drivers.get(driver)
      for (const claim of claims) await this.#inTurn(keyOf(claim), () => this.#prepareOne(pod, claim))
    } catch (error) {
      throw new Error(`prepare dynamic resources: ${wordsOf(error)}`, { cause: error })
    }
  }

  /** A pod has ended: what nobody else uses is taken back. Throws an Error in upstream's words; then it is to be called again. */
  async unprepare(pod: Pod): Promise<void> {
    if (usesClaims(pod)) await this.#unprepareAll(pod.metadata.uid)
  }

  async #unprepareAll(uid: string): Promise<void> {
    await this.#loaded
    try {
      for (const [key, { pods }] of this.#claims)
        if (pods.includes(uid)) await this.#inTurn(key, () => this.#unprepareOne(key, uid))
    } catch (error) {
      throw new Error(`unprepare dynamic resources: ${wordsOf(error)}`, { cause: error })
    }
  }

  /** Takes back what only pods use that are no more, as after an agent was away. */
  async reconcile(known: ReadonlySet<string>): Promise<void> {
    await this.#loaded
    const gone = new Set([...this.#claims.values()].flatMap(({ pods }) => pods.filter((uid) => !known.has(uid))))
    for (const uid of gone) await this.#unprepareAll(uid).catch((error: unknown) => this.#options.log(wordsOf(error)))
  }

  /** Devices that a container uses by its pod's claims, by the names under which specifications on the node tell of them. Throws an Error. */
  cdiDevicesFor(pod: Pod, container: Container): string[] {
    const names = claimsOfContainer(pod, container).flatMap(({ key, request }) => {
      const claim = this.#claims.get(key)
      if (!claim) {
        const [namespace, name] = key.split('/')
        throw new Error(`internal error: unable to get claim info for ResourceClaim ${name} in namespace ${namespace}`)
      }
      return devicesFor(claim, request).flatMap(({ cdiDevices }) => cdiDevices)
    })
    return [...new Set(names)]
  }

  /** How the devices are that a container uses by its pod's claims. */
  statusOf(pod: Pod, container: Container): ReturnType<typeof claimStatuses> {
    if (!container.resources?.claims?.length) return []
    const { health } = this.#options
    return claimStatuses(pod, container, this.#claims, (driver, { pool, device }) => health.of(driver, pool, device))
  }

  /** Uids of the pods that use devices of a driver. */
  usersOf(driver: string): Set<string> {
    const used = [...this.#claims.values()].filter(({ drivers }) => drivers[driver])
    return new Set(used.flatMap(({ pods }) => pods))
  }

  async #claimsOf(pod: Pod): Promise<ResourceClaim[]> {
    const { namespace = '', name: podName, uid } = pod.metadata
    const extended = pod.status?.extendedResourceClaimStatus?.resourceClaimName
    const entries = [
      ...(pod.spec.resourceClaims ?? []),
      ...(extended ? [{ name: '', resourceClaimName: extended }] : []),
    ]
    const found: ResourceClaim[] = []
    for (const entry of entries) {
      const target = claimFor(pod, entry)
      if (target.kind === 'missing') throw new Error(target.why)
      if (target.kind === 'none') continue
      const claim = await this.#fetch(target.name, namespace)
      const foreign = target.own ? notOwnedBy(claim, pod) : undefined
      if (foreign !== undefined) throw new Error(foreign)
      if (!isReservedFor(claim, uid))
        throw new Error(
          `pod ${podName} (${uid}) is not allowed to use ResourceClaim ${target.name} (${claim.metadata.uid})`,
        )
      if (!claim.status?.allocation) throw new Error(`ResourceClaim ${target.name}: not allocated`)
      found.push(claim)
    }
    return found
  }

  async #fetch(name: string, namespace: string): Promise<ResourceClaim> {
    try {
      return await this.#options.client.resource(refs.resourceClaims).get(name, namespace)
    } catch (error) {
      throw new Error(`fetch ResourceClaim ${name}: ${wordsOf(error)}`, { cause: error })
    }
  }

  async #prepareOne(pod: Pod, claim: ResourceClaim): Promise<void> {
    const key = keyOf(claim)
    const { uid, name, namespace = '' } = claim.metadata
    const before = this.#claims.get(key)
    if (before && before.uid !== uid)
      throw new Error(
        `old ResourceClaim with same name ${name} and different UID ${before.uid} still exists (previous pod force-deleted?!)`,
      )
    const drivers = driversOf(claim)
    const pods = [...new Set([...(before?.pods ?? []), pod.metadata.uid])]
    const none = Object.fromEntries(drivers.map((driver) => [driver, []]))
    this.#claims.set(key, { uid, name, namespace, pods, drivers: { ...none, ...before?.drivers } })
    if (pods.length !== before?.pods.length) await this.#save()
    if (this.#ready.has(key)) return
    const made: Record<string, PreparedClaim['drivers'][string]> = {}
    for (const driver of drivers) made[driver] = await this.#options.drivers.prepare(driver, { uid, name, namespace })
    this.#claims.set(key, { ...this.#claims.get(key)!, drivers: made })
    await this.#save()
    this.#ready.add(key)
  }

  async #unprepareOne(key: string, uid: string): Promise<void> {
    const claim = this.#claims.get(key)
    if (!claim?.pods.includes(uid)) return
    const pods = claim.pods.filter((one) => one !== uid)
    if (pods.length > 0) this.#claims.set(key, { ...claim, pods })
    else {
      const { namespace, name } = claim
      this.#ready.delete(key)
      for (const driver of Object.keys(claim.drivers))
        await this.#options.drivers.unprepare(driver, { uid: claim.uid, name, namespace })
      this.#claims.delete(key)
    }
    await this.#save()
  }

  #save(): Promise<void> {
    return this.#options.file.write(encodeClaims(this.#claims.values()))
  }

  #inTurn(key: string, work: () => Promise<void>): Promise<void> {
    const done = (this.#turns.get(key) ?? Promise.resolve()).then(work)
    const settled: Promise<void> = done
      .catch(() => undefined)
      .then(() => {
        if (this.#turns.get(key) === settled) this.#turns.delete(key)
      })
    this.#turns.set(key, settled)
    return done
  }
}

const keyOf = ({ metadata: { namespace = '', name } }: ResourceClaim): string => claimKey({ namespace, name })

const driversOf = ({ status }: ResourceClaim): string[] => [
  ...new Set((status?.allocation?.devices?.results ?? []).map(({ driver }) => driver)),
]

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
