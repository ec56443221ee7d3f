import type { Lease } from '#types/coordination.k8s.io/v1'
import { refs } from '../client/refs.ts'
import type { Client } from '../client/typed-client.ts'
import type { Clock } from '../machinery/clock.ts'
import { isAlreadyExists, isConflict, isNotFound } from '../machinery/errors.ts'
import { formatMicroTime } from '../machinery/time.ts'
import type { Log } from './controller.ts'
import { createEventRecorder } from './events.ts'

/** The lease over which candidates compete (kubernetes.io, "Leases: Leader election"). */
export interface ElectionOptions {
  client: Client
  clock: Clock
  /** The Lease, in kube-system: of upstream's components the name of the component. */
  name: string
  /** Another one for each candidate. */
  identity: string
  log: Log
  /** Between 0 and 1; for how much longer than others to wait. Default random. */
  random?: () => number
}

/** A candidate; it goes on until it is stopped, leading or not. */
export interface Election {
  /** Whether the work is ours now. */
  readonly leads: boolean
  /** Ends the work and gives the lease up, so that another candidate has it at once. */
  stop(): Promise<void>
}

const NAMESPACE = 'kube-system'
/** Milliseconds, as upstream's components have them (kube-controller-manager, `--leader-elect-lease-duration` and the like). */
const LEASE = 15_000
const RENEW_WITHIN = 10_000
const RETRY = 2_000
/** How much longer than {@link RETRY} a candidate waits at most, that not all ask at once. */
const JITTER = 1.2

/**
 * Has work done by one of several candidates (kubernetes.io, "Leases: Leader election"): `lead` starts it once the lease is ours, and answers its end,
 * which is called when the lease is lost. Whether another's lease is over is judged by when we saw it renewed, never by its times: clocks differ.
 */
export function runElected(options: ElectionOptions, lead: () => () => Promise<void>): Election {
  const candidate = new Candidate(options, lead)
  const running = candidate.run()
  return {
    get leads() {
      return candidate.leads
    },
    async stop() {
      candidate.end()
      await running
    },
  }
}

class Candidate {
  readonly #options: ElectionOptions
  readonly #lead: () => () => Promise<void>
  readonly #stopping = new AbortController()
  /** The lease as it was when we saw it change, and when that was. */
  #seen: { version: string; at: number } | undefined
  leads = false

  constructor(options: ElectionOptions, lead: () => () => Promise<void>) {
    this.#options = options
    this.#lead = lead
  }

  end(): void {
    this.#stopping.abort()
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      if (await this.#within(RENEW_WITHIN, this.#take())) await this.#work()
      if (!this.#stopped) await this.#pause()
    }
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted
  }

  async #work(): Promise<void> {
    const { clock, log, name, identity } = this.#options
    const end = this.#lead()
    this.leads = true
    this.#tell()
    for (let renewed = clock.monotonic(); !this.#stopped;) {
      await this.#pause()
      if (this.#stopped) break
      const left = RENEW_WITHIN - (clock.monotonic() - renewed)
      if (left > 0 && (await this.#within(left, this.#take()))) renewed = clock.monotonic()
      else if (clock.monotonic() - renewed >= RENEW_WITHIN || (await this.#isTaken())) {
        log.warn(`${name}: ${identity} is not the leader any more`)
        break
      }
    }
    this.leads = false
    await end()
    if (this.#stopped) await this.#within(RETRY, this.#release())
  }

  /** Whether somebody else has the lease; unknown counts as no, for as long as ours lasts. */
  async #isTaken(): Promise<boolean> {
    const lease = await this.#within(RETRY, this.#read())
    return lease !== undefined && lease.spec?.holderIdentity !== this.#options.identity
  }

  /** Takes or renews the lease; whether it is ours. */
  async #take(): Promise<boolean> {
    const { client, clock, identity, name } = this.#options
    const leases = client.resource(refs.leases)
    const now = formatMicroTime(clock.now())
    const lease = await this.#read()
    const fresh = { holderIdentity: identity, leaseDurationSeconds: LEASE / 1000, renewTime: now }
    if (!lease) {
      const spec = { ...fresh, acquireTime: now, leaseTransitions: 0 }
      await leases.create({
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name, namespace: NAMESPACE },
        spec,
      })
      return true
    }
    const holder = lease.spec?.holderIdentity ?? ''
    if (holder !== identity && holder !== '' && !this.#isOver(lease)) return false
    const { acquireTime = now, leaseTransitions = 0 } = lease.spec ?? {}
    const spec =
      holder === identity
        ? { ...fresh, acquireTime, leaseTransitions }
        : { ...fresh, acquireTime: now, leaseTransitions: leaseTransitions + 1 }
    await leases.update({ ...lease, spec })
    return true
  }

  #isOver({ metadata, spec }: Lease): boolean {
    const now = this.#options.clock.monotonic()
    if (this.#seen?.version !== metadata.resourceVersion) this.#seen = { version: metadata.resourceVersion, at: now }
    return now - this.#seen.at > (spec?.leaseDurationSeconds ?? LEASE / 1000) * 1000
  }

  async #read(): Promise<Lease | undefined> {
    try {
      return await this.#options.client.resource(refs.leases).get(this.#options.name, NAMESPACE)
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  async #release(): Promise<undefined> {
    const lease = await this.#read()
    if (lease?.spec?.holderIdentity !== this.#options.identity) return undefined
    const now = formatMicroTime(this.#options.clock.now())
    const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: now }
    await this.#options.client.resource(refs.leases).update({ ...lease, spec })
    return undefined
  }

  /** The result, or undefined when it fails or takes longer; that another candidate was first is no failure to tell of. */
  async #within<T>(milliseconds: number, work: Promise<T>): Promise<T | undefined> {
    const { clock, log, name } = this.#options
    const late = Promise.withResolvers<undefined>()
    const timer = clock.after(milliseconds, () => late.resolve(undefined))
    const done = work.catch((error: unknown) => {
      if (!isConflict(error) && !isAlreadyExists(error))
        log.warn(`${name}: the lease could not be had`, { error: String(error) })
      return undefined
    })
    try {
      return await Promise.race([done, late.promise])
    } finally {
      timer.cancel()
    }
  }

  #pause(): Promise<void> {
    const { clock, random = Math.random } = this.#options
    const { signal } = this.#stopping
    return new Promise((resolve) => {
      const timer = clock.after(RETRY * (1 + random() * (JITTER - 1)), done)
      signal.addEventListener('abort', done, { once: true })
      function done(): void {
        timer.cancel()
        signal.removeEventListener('abort', done)
        resolve()
      }
    })
  }

  #tell(): void {
    const { client, clock, log, name, identity } = this.#options
    const events = createEventRecorder({ client, clock, signal: this.#stopping.signal, component: name, log })
    const about = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name, namespace: NAMESPACE }
    events.event(about, 'Normal', 'LeaderElection', `${identity} became leader`)
  }
}
