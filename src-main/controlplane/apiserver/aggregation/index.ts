import type { APIService, APIServiceCondition } from '#types/apiregistration.k8s.io/v1'
import type { ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import type { Readable, Writable } from 'node:stream'
import type { Clock, Timer } from '../../../../src-kube/machinery/clock.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import type { ObjectWatcher } from '../../admission/admission.ts'
import { keep } from '../../admission/keep.ts'
import type { Exchange } from '../http/exchange.ts'
import type { StreamingOptions } from '../streaming/index.ts'
import { callService, passed, type FrontProxy } from './forward.ts'
import { aggregate, type AggregatedResource } from './resources.ts'

export interface AggregationOptions {
  read: ObjectWatcher
  reaching: StreamingOptions
  proxy: FrontProxy
  clock: Clock
  /** Writes the status of an APIService. */
  report(service: APIService): Promise<void>
  log(message: string, error?: unknown): void
}

/** What other servers of the cluster serve under this one's address (kubernetes.io, "Kubernetes API Aggregation Layer"). */
export interface Aggregation {
  /** Whether a service is registered for the group version. */
  has(group: string, version: string): boolean
  /** Group versions that answered, with what they serve, in the order of their registrations' names. */
  served(): ReadonlyArray<{ group: string; version: string; resources: readonly AggregatedResource[] }>
  /**
   * Passes the request on and its answer back. Throws 503 when the service cannot be reached.
   *
   * @param begun called when the answer to a watch has begun
   */
  forward(exchange: Exchange, group: string, version: string, begun?: () => void): Promise<void>
  /** Begins to look after the registered services. */
  start(): void
  stop(): void
}

/** Milliseconds between looks at services that are registered. */
const EVERY = 30_000
/** Milliseconds that a service has for saying what it serves. */
const PATIENCE = 5000
const GROUP = 'apiregistration.k8s.io'
const AGGREGATOR = { name: 'system:kube-aggregator', groups: ['system:masters'] }

export const createAggregation = (options: AggregationOptions): Aggregation => new Aggregator(options)

type Registered = ReadonlyMap<string, APIService>
type Verdict = Pick<APIServiceCondition, 'status' | 'reason' | 'message'>

class Aggregator implements Aggregation {
  readonly #options: AggregationOptions
  /** By group and version, of the services that answered last time they were looked at. */
  readonly #known = new Map<string, AggregatedResource[]>()
  readonly #stopping = new AbortController()
  readonly #registered: { get(): Registered | Promise<Registered> }
  #timer: Timer | undefined

  constructor(options: AggregationOptions) {
    this.#options = options
    const none = new Map<string, APIService>()
    this.#registered = keep(options.read, GROUP, 'apiservices', none, (byKey, object, old) => {
      const service = (object ?? old) as unknown as APIService
      const key = keyOf(service)
      if (object && service.spec.service) byKey.set(key, service)
      else byKey.delete(key)
      if (!byKey.has(key)) this.#known.delete(key)
      else if (!isSame(service, old as unknown as APIService | undefined)) this.#begin(service)
    })
  }

  has(group: string, version: string): boolean {
    return this.#now().has(`${group}/${version}`)
  }

  served(): ReturnType<Aggregation['served']> {
    return [...this.#now().values()].flatMap(({ spec: { group = '', version = '' } }) => {
      const resources = this.#known.get(`${group}/${version}`)
      return resources ? [{ group, version, resources }] : []
    })
  }

  async forward(exchange: Exchange, group: string, version: string, begun?: () => void): Promise<void> {
    const service = this.#now().get(`${group}/${version}`)
    if (!service) throw unavailable()
    await pass(exchange, service, this.#options.reaching, this.#options.proxy, begun)
  }

  start(): void {
    void this.#registered.get()
    this.#timer = this.#options.clock.after(EVERY, this.#round)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#stopping.abort()
  }

  /** None until they have been read. */
  #now(): Registered {
    const found = this.#registered.get()
    return found instanceof Promise ? new Map() : found
  }

  readonly #round = (): void => {
    for (const service of this.#now().values()) this.#begin(service)
    this.#timer = this.#options.clock.after(EVERY, this.#round)
  }

  /** Nobody waits for a look; what it could not tell of is told to the log. */
  #begin(service: APIService): void {
    this.#look(service).catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) this.#options.log(`status of APIService ${service.metadata.name}`, error)
    })
  }

  async #look(service: APIService): Promise<void> {
    const { group = '', version = '' } = service.spec
    const url = `/apis/${group}/${version}`
    let verdict: Verdict
    try {
      this.#known.set(keyOf(service), await this.#ask(service, url, group, version))
      verdict = { status: 'True', reason: 'Passed', message: 'all checks passed' }
    } catch (error) {
      if (this.#stopping.signal.aborted) return
      const why = error instanceof Error ? error.message : String(error)
      const message = `failing or missing response from ${url}: ${why}`
      verdict = { status: 'False', reason: 'FailedDiscoveryCheck', message }
    }
    await this.#tell(service, verdict)
  }

  /** What the service says that it serves. Throws when it says nothing that can be read. */
  async #ask(service: APIService, url: string, group: string, version: string): Promise<AggregatedResource[]> {
    const { reaching, proxy } = this.#options
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(PATIENCE)])
    const headers = { accept: 'application/json' }
    const answer = await callService(
      service,
      { method: 'GET', url, headers, user: AGGREGATOR, signal },
      reaching,
      proxy,
    )
    const resources = answer.statusCode === 200 ? aggregate(await json(answer), group, version) : undefined
    if (!resources) throw new Error(`bad status from ${url}: ${answer.statusCode}`)
    return resources
  }

  async #tell(service: APIService, now: Verdict): Promise<void> {
    const before = service.status?.conditions?.find(({ type }) => type === 'Available')
    if (before?.status === now.status && before.reason === now.reason && before.message === now.message) return
    const { clock, report } = this.#options
    const lastTransitionTime = before?.status === now.status ? before.lastTransitionTime : formatTime(clock.now())
    const condition = { type: 'Available', lastTransitionTime, ...now }
    const others = (service.status?.conditions ?? []).filter(({ type }) => type !== 'Available')
    await report({ ...service, status: { conditions: [...others, condition] } })
  }
}

/** A new status is no reason to look again. */
const isSame = (service: APIService, old: APIService | undefined): boolean =>
  old !== undefined && JSON.stringify(service.spec) === JSON.stringify(old.spec)

const keyOf = ({ spec }: APIService): string => `${spec.group ?? ''}/${spec.version ?? ''}`

const unavailable = (cause?: unknown): StatusError =>
  new StatusError(
    503,
    'ServiceUnavailable',
    'the server is currently unable to handle the request',
    undefined,
    cause === undefined ? undefined : { cause },
  )

async function pass(
  exchange: Exchange,
  service: APIService,
  reaching: StreamingOptions,
  proxy: FrontProxy,
  begun: (() => void) | undefined,
): Promise<void> {
  const { request, response, user } = exchange
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const headers = passed(request.headers)
  const method = request.method ?? 'GET'
  const call = { method, url: request.url ?? '/', headers, user, body: request as Readable, signal: gone.signal }
  const answer = await callService(service, call, reaching, proxy).catch((error: unknown) => {
    throw unavailable(error)
  })
  exchange.begin(answer.statusCode ?? 502, passed(answer.headers) as Record<string, string>)
  if (exchange.info.verb === 'watch') {
    ;(response as ServerResponse).flushHeaders?.()
    begun?.()
  }
  await pipeline(answer, response as Writable).catch((error: unknown) => {
    // Clients of watches go when they like: that cuts the answer, and is no fault.
    if (!gone.signal.aborted) throw error
  })
}
