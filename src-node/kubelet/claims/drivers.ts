import { refs } from '../../../src-kube/client/refs.ts'
import type { Client } from '../../../src-kube/client/typed-client.ts'
import type { Clock, Timer } from '../../../src-kube/machinery/clock.ts'
import type { Plugin, PluginHandler } from '../plugins/registry.ts'
import { dialSocket, type RpcClient } from '../plugins/rpc/client.ts'
import type { DriverHealth } from './health.ts'
import { driverMethods, HEALTH_SERVICE, type Service, services } from './messages.ts'
import type { PreparedDevice } from './plan/prepared.ts'

/** A claim as a driver is told of it. */
export interface ClaimReference {
  namespace: string
  name: string
  uid: string
}

/** Which drivers of devices are here, and who wants to know. */
export interface DriversOptions {
  client: Client
  nodeName: string
  clock: Clock
  signal: AbortSignal
  health: Pick<DriverHealth, 'watch'>
  /** A driver may be asked from now on. */
  registered(driver: string): void
  log(message: string): void
}

/** Milliseconds that a driver may take, and that it may be away before its devices are taken off the cluster's list. */
const CALL = 45_000
const AWAY = 30_000
/** Milliseconds until slices that could not be removed are tried again. */
const WIPE_RETRY = 10_000

interface Driver {
  endpoint: string
  client: RpcClient
  service: Service
  /** It is let go. */
  gone: AbortController
}

/**
 * The drivers of dynamic resource allocation that serve on this node. One may be there several times while it is replaced: who came last is asked. The
 * slices of a driver that stays away are removed, so that no pod is sent here for its devices (KEP-4381).
 */
export class Drivers implements PluginHandler {
  readonly #options: DriversOptions
  readonly #drivers = new Map<string, Driver[]>()
  readonly #wipes = new Map<string, Timer>()

  constructor(options: DriversOptions) {
    this.#options = options
  }

  /** No driver has registered with an agent that has just started: until they do, none of them can be used. */
  start(): void {
    this.#wipe('')
  }

  async register({ name, endpoint, versions }: Plugin): Promise<void> {
    const service = services.find((one) => versions.includes(one))
    if (!service)
      throw new Error(
        `supported gRPC services (aka supported versions) ${versions.join(', ')} don't contain any of ${services.join(', ')}`,
      )
    const client = await dialSocket(endpoint)
    const others = (this.#drivers.get(name) ?? []).filter((one) => one.endpoint !== endpoint)
    const gone = new AbortController()
    this.#drivers.set(name, [...others, { endpoint, client, service, gone }])
    if (versions.includes(HEALTH_SERVICE)) void this.#options.health.watch(name, client, gone.signal)
    this.#wipes.get(name)?.cancel()
    this.#wipes.delete(name)
    this.#options.registered(name)
  }

  deregister({ name, endpoint }: Plugin): Promise<void> {
    const all = this.#drivers.get(name) ?? []
    const left = all.filter((one) => one.endpoint !== endpoint)
    for (const one of all) if (!left.includes(one)) close(one)
    if (left.length > 0) this.#drivers.set(name, left)
    else this.#drivers.delete(name)
    if (left.length === 0 && all.length > 0) this.#later(name, AWAY)
    return Promise.resolve()
  }

  /** Has a driver ready the devices of a claim; again for one that it readied before changes nothing. Throws an Error. */
  async prepare(driver: string, claim: ClaimReference): Promise<PreparedDevice[]> {
    const { client, service } = this.get(driver)
    const request = { claims: [claim] }
    const answer = client.call(driverMethods[service].prepare, request, { timeout: CALL })
    return resultOf('NodePrepareResources', claim, (await named('NodePrepareResources', answer)).claims).devices
  }

  /** Has a driver take back the devices of a claim. Throws an Error. */
  async unprepare(driver: string, claim: ClaimReference): Promise<void> {
    const { client, service } = this.get(driver)
    const request = { claims: [claim] }
    const answer = client.call(driverMethods[service].unprepare, request, { timeout: CALL })
    resultOf('NodeUnprepareResources', claim, (await named('NodeUnprepareResources', answer)).claims)
  }

  /** Throws an Error when no such driver is there. */
  get(driver: string): Driver {
    const found = this.#drivers.get(driver)?.at(-1)
    if (!found) throw new Error(`DRA driver ${driver} is not registered`)
    return found
  }

  stop(): void {
    for (const timer of this.#wipes.values()) timer.cancel()
    for (const driver of [...this.#drivers.values()].flat()) close(driver)
  }

  #later(driver: string, milliseconds: number): void {
    this.#wipes.get(driver)?.cancel()
    const { clock } = this.#options
    this.#wipes.set(
      driver,
      clock.after(milliseconds, () => this.#wipe(driver)),
    )
  }

  /** Removes the slices of a driver, or of all when it is ``. */
  #wipe(driver: string): void {
    const { client, nodeName, signal, log } = this.#options
    const fieldSelector = `spec.nodeName=${nodeName}${driver ? `,spec.driver=${driver}` : ''}`
    const resource = refs.resourceSlices
    client.transport
      .request({ verb: 'deletecollection', resource, body: {}, query: { fieldSelector } })
      .catch((error: unknown) => {
        if (signal.aborted) return
        log(`slices of devices: ${String(error)}`)
        // One that came meanwhile has its slices.
        if (driver ? !this.#drivers.has(driver) : this.#drivers.size === 0) this.#later(driver, WIPE_RETRY)
      })
  }
}

function close({ client, gone }: Driver): void {
  gone.abort()
  client.close()
}

async function named<T>(operation: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw new Error(`${operation}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

/** What came of a claim. Throws an Error when that is nothing good, or nothing at all. */
function resultOf<T extends { error: string }>(
  operation: string,
  { uid, name }: ClaimReference,
  claims: Readonly<Record<string, T>>,
): T {
  const unknown = Object.keys(claims).find((one) => one !== uid)
  if (unknown !== undefined) throw new Error(`${operation} returned result for unknown claim UID ${unknown}`)
  const result = claims[uid]
  if (!result) throw new Error(`${operation} skipped 1 ResourceClaims`)
  if (result.error) throw new Error(`${operation} failed for ResourceClaim ${name}: ${result.error}`)
  return result
}
