import type { APIService } from '#types/apiregistration.k8s.io/v1'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { json, text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { Readable, type Writable } from 'node:stream'
import type { Clock, Timer } from '../../../../src-kube/machinery/clock.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import type { ObjectWatcher, UserInfo } from '../../admission/admission.ts'
import { keep } from '../../admission/keep.ts'
import type { RemoteVersion } from '../discovery.ts'
import { forbidSniffing } from '../filters/refused.ts'
import type { Exchange } from '../http/exchange.ts'
import { framing } from '../http/framing.ts'
import { pathNotFound } from '../scope.ts'
import type { StreamingOptions } from '../streaming/index.ts'
import { serviceOf, unreachable, type Verdict } from './availability.ts'
import { Descriptions, type Description } from './descriptions.ts'
import { callService, passed, type FrontProxy } from './forward.ts'
import { aggregate, type AggregatedResource } from './resources.ts'

/** How other API servers are found and reached (kubernetes.io, "Kubernetes API Aggregation Layer"). */
export interface AggregationOptions {
  read: ObjectWatcher
  reaching: StreamingOptions
  proxy: FrontProxy
  clock: Clock
  /** Writes the status of an APIService. */
  report(service: APIService): Promise<void>
  log(message: string, error?: unknown): void
}

/** A request of our own to another API server, in a user's name. */
export interface Question {
  method: 'GET' | 'DELETE'
  /** Path and query. */
  url: string
  user: UserInfo
  /** JSON. */
  body?: object
  headers?: Record<string, string>
}

/** What other servers of the cluster serve under this one's address (kubernetes.io, "Kubernetes API Aggregation Layer"). */
export interface Aggregation {
  /** Whether a service is registered for the group version. */
  has(group: string, version: string): boolean
  /** Group versions that are registered, with what they said last that they serve, in the order of their registrations' names. */
  served(): readonly RemoteVersion[]
  /**
   * Passes the request on and its answer back; answers 503 when the service cannot be reached.
   *
   * @param begun called when the answer to a watch has begun
   */
  forward(exchange: Exchange, group: string, version: string, begun?: () => void): Promise<void>
  /**
   * What the service behind a group version answers a user who gets a path of it; undefined when none is registered. Throws a
   * {@link StatusError} with what it says when it refuses, else why it cannot be asked.
   */
  get(group: string, version: string, url: string, user: UserInfo): Promise<unknown>
  /** {@link get} with any method and a body. */
  ask(group: string, version: string, question: Question): Promise<unknown>
  /** Where servers that answer have their OpenAPI documents, by path: `apis/<group>/<version>` → `/openapi/v3/…?hash=…`. */
  documents(): Readonly<Record<string, string>>
  /** What servers that answer say of themselves in OpenAPI version 2; at once when there are none. */
  descriptions(): Promise<readonly Description[]> | readonly Description[]
  /** Begins to look after the registered services. */
  start(): void
  stop(): void
}

/** Milliseconds between looks at services that are registered. */
const EVERY = 30_000
/** Milliseconds that a service has for saying what it serves. */
const PATIENCE = 5000
const GROUP = 'apiregistration.k8s.io'
const aggregator = { name: 'system:kube-aggregator', groups: ['system:masters'] }

export const createAggregation = (options: AggregationOptions): Aggregation => new Aggregator(options)

type Registered = ReadonlyMap<string, APIService>

class Aggregator implements Aggregation {
  readonly #options: AggregationOptions
  /** By group and version, what services told of themselves when they answered last. */
  readonly #known = new Map<string, AggregatedResource[]>()
  /** By group and version, where their OpenAPI documents are. */
  readonly #documents = new Map<string, string>()
  /** Group versions that answered when they were looked at last. */
  readonly #answering = new Set<string>()
  /** Services that are being looked at; `true` when something has happened to them since. */
  readonly #looks = new Map<string, boolean>()
  readonly #descriptions: Descriptions
  readonly #stopping = new AbortController()
  readonly #registered: { get(): Registered | Promise<Registered> }
  #timer: Timer | undefined
  #unobserve: ReadonlyArray<() => void> = []

  constructor(options: AggregationOptions) {
    this.#options = options
    this.#descriptions = new Descriptions((key, headers) => this.#askDescription(key, headers), options.clock)
    const none = new Map<string, APIService>()
    this.#registered = keep(options.read, { group: GROUP, resource: 'apiservices' }, none, (byKey, object, old) => {
      const service = (object ?? old) as APIService
      const key = keyOf(service)
      if (object && service.spec.service) byKey.set(key, service)
      else byKey.delete(key)
      if (!byKey.has(key)) this.#forget(key)
      else if (!isSame(service, old as APIService | undefined)) this.#begin(service)
    })
  }

  has(group: string, version: string): boolean {
    return this.#now().has(`${group}/${version}`)
  }

  served(): ReturnType<Aggregation['served']> {
    return [...this.#now().values()].map(({ spec: { group = '', version = '' } }) => {
      const key = `${group}/${version}`
      return { group, version, resources: this.#known.get(key) ?? [], stale: !this.#answering.has(key) }
    })
  }

  #forget(key: string): void {
    this.#known.delete(key)
    this.#answering.delete(key)
    this.#documents.delete(key)
    this.#descriptions.forget(key)
  }

  documents(): Readonly<Record<string, string>> {
    const those = [...this.#documents].filter(([key]) => this.#answering.has(key))
    return Object.fromEntries(those.map(([key, url]) => [`apis/${key}`, url]))
  }

  descriptions(): ReturnType<Aggregation['descriptions']> {
    return this.#answering.size > 0 ? this.#descriptions.of([...this.#answering].toSorted()) : []
  }

  #askDescription(key: string, headers: Record<string, string>): Promise<IncomingMessage> {
    const service = this.#now().get(key)
    if (!service) throw pathNotFound()
    return this.#call(service, { method: 'GET', url: '/openapi/v2', user: aggregator, headers })
  }

  async forward(exchange: Exchange, group: string, version: string, begun?: () => void): Promise<void> {
    const service = this.#now().get(`${group}/${version}`)
    if (!service) throw pathNotFound()
    await pass(exchange, service, this.#options, begun)
  }

  get(group: string, version: string, url: string, user: UserInfo): Promise<unknown> {
    return this.ask(group, version, { method: 'GET', url, user })
  }

  async ask(group: string, version: string, question: Question): Promise<unknown> {
    const service = this.#now().get(`${group}/${version}`)
    if (!service) return undefined
    const answer = await this.#call(service, question)
    const { statusCode } = answer
    // What is deleted may take its time.
    if (statusCode === 200 || (statusCode === 202 && question.method === 'DELETE')) return json(answer)
    throw refusal(answer.statusCode ?? 500, await text(answer))
  }

  start(): void {
    void this.#registered.get()
    const watcher = this.#options.read
    this.#unobserve = [
      watcher.observe('', 'services', (object, old) => this.#changed((object ?? old)!.metadata)),
      watcher.observe('discovery.k8s.io', 'endpointslices', (object, old) => {
        const slice = (object ?? old) as EndpointSlice
        if (this.#now().size > 0) this.#changed({ namespace: slice.metadata.namespace, name: serviceOf(slice) })
      }),
    ]
    this.#timer = this.#options.clock.after(EVERY, this.#round)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#stopping.abort()
    for (const end of this.#unobserve) end()
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

  /** Something happened to a service, or to those behind it. */
  #changed({ namespace, name }: { namespace?: string | undefined; name?: string | undefined }): void {
    for (const service of this.#now().values()) {
      const asked = service.spec.service
      if (asked?.name === name && asked?.namespace === namespace) this.#begin(service)
    }
  }

  /** Nobody waits for a look; what it could not tell of is told to the log. One at a time of each service. */
  #begin(service: APIService): void {
    const key = keyOf(service)
    if (this.#looks.has(key)) return void this.#looks.set(key, true)
    this.#looks.set(key, false)
    this.#look(service)
      .catch((error: unknown) => {
        if (!this.#stopping.signal.aborted) this.#options.log(`status of APIService ${service.metadata.name}`, error)
      })
      .finally(() => {
        const again = this.#looks.get(key)
        this.#looks.delete(key)
        const now = this.#now().get(key)
        if (again && now && !this.#stopping.signal.aborted) this.#begin(now)
      })
  }

  async #look(service: APIService): Promise<void> {
    const { group = '', version = '' } = service.spec
    const url = `/apis/${group}/${version}`
    let verdict = await unreachable(this.#options.read, service)
    if (!verdict) {
      try {
        const resources = await this.#ask(service, url)
        this.#known.set(keyOf(service), resources)
        await this.#describe(service).catch(() => this.#documents.delete(keyOf(service)))
        verdict = { status: 'True', reason: 'Passed', message: 'all checks passed' }
      } catch (error) {
        if (this.#stopping.signal.aborted) return
        const why = error instanceof Error ? error.message : String(error)
        const message = `failing or missing response from ${url}: ${why}`
        verdict = { status: 'False', reason: 'FailedDiscoveryCheck', message }
      }
    }
    if (!this.#now().has(keyOf(service))) return this.#forget(keyOf(service))
    if (verdict.status === 'True') this.#answering.add(keyOf(service))
    else this.#answering.delete(keyOf(service))
    await this.#tell(this.#now().get(keyOf(service)) ?? service, verdict)
  }

  /** What the service says that it serves. Throws when it says nothing that can be read. */
  async #ask(service: APIService, url: string): Promise<AggregatedResource[]> {
    const { group = '', version = '' } = service.spec
    const answer = await this.#call(service, { method: 'GET', url, user: aggregator })
    const resources = answer.statusCode === 200 ? aggregate(await json(answer), group, version) : undefined
    if (!resources) throw new Error(`bad status from ${url}: ${answer.statusCode}`)
    return resources
  }

  /** Not every server describes itself, and not in version 3: what it serves is to be had all the same. */
  async #describe(service: APIService): Promise<void> {
    const key = keyOf(service)
    const url = await this.#call(service, { method: 'GET', url: '/openapi/v3', user: aggregator }).then(
      async (answer) => {
        const said = await text(answer)
        return answer.statusCode === 200 ? documentUrl(said, `apis/${key}`) : undefined
      },
    )
    if (url) this.#documents.set(key, url)
    else this.#documents.delete(key)
  }

  #call(service: APIService, { method, url, user, body, headers: more }: Question): Promise<IncomingMessage> {
    const { reaching, proxy } = this.#options
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(PATIENCE)])
    const sent = body && Buffer.from(JSON.stringify(body))
    const headers = {
      accept: 'application/json',
      ...more,
      ...(sent ? { 'content-type': 'application/json', 'content-length': String(sent.length) } : {}),
    }
    const call = { method, url, headers, user, signal, ...(sent ? { body: Readable.from([sent]) } : {}) }
    return callService(service, call, reaching, proxy)
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

/** Where an index of OpenAPI has the document of a path; undefined when it has none, or is no index. */
function documentUrl(index: string, path: string): string | undefined {
  try {
    const { paths } = JSON.parse(index) as { paths?: Record<string, { serverRelativeURL?: string }> }
    return paths?.[path]?.serverRelativeURL
  } catch {
    return undefined
  }
}

/** What a server that refuses says, in its own words where it says them in a Status. */
function refusal(code: number, body: string): StatusError {
  try {
    const { reason = 'Unknown', message } = JSON.parse(body) as { reason?: string; message?: string }
    if (message) return new StatusError(code, reason, message)
  } catch {
    // It speaks otherwise.
  }
  return new StatusError(code, 'Unknown', `the server answered ${code}: ${body.trim()}`)
}

/** A new status is no reason to look again. */
const isSame = (service: APIService, old: APIService | undefined): boolean =>
  old !== undefined && JSON.stringify(service.spec) === JSON.stringify(old.spec)

const keyOf = ({ spec }: APIService): string => `${spec.group ?? ''}/${spec.version ?? ''}`

/** As upstream's aggregator says it: in plain words, since there is no server that could say it otherwise. */
function sayUnavailable(exchange: Exchange): void {
  forbidSniffing(exchange)
  exchange.send(503, 'service unavailable\n', 'text/plain; charset=utf-8')
}

async function pass(
  exchange: Exchange,
  service: APIService,
  { reaching, proxy, log }: AggregationOptions,
  begun: (() => void) | undefined,
): Promise<void> {
  const { request, response, user } = exchange
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const headers = passed(request.headers)
  const method = request.method ?? 'GET'
  const body = request as Readable
  const call = { method, url: request.url ?? '/', headers, user, body, framed: framing(request), signal: gone.signal }
  let answer: IncomingMessage
  try {
    answer = await callService(service, call, reaching, proxy)
  } catch (error) {
    log(`no answer from APIService ${service.metadata.name}`, error)
    return sayUnavailable(exchange)
  }
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
