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

export function createAggregation(options: AggregationOptions): Aggregation {
  const { read, reaching, proxy, clock, log } = options
  const known = new Map<string, AggregatedResource[]>()
  const stopping = new AbortController()
  let timer: Timer | undefined
  const registered = keep(read, GROUP, 'apiservices', new Map<string, APIService>(), (byKey, object, old) => {
    const service = (object ?? old) as unknown as APIService
    const key = keyOf(service)
    if (object && service.spec.service) byKey.set(key, service)
    else byKey.delete(key)
    if (!byKey.has(key)) known.delete(key)
    else if (!isSame(service, old as unknown as APIService | undefined)) begin(service)
  })
  const now = (): ReadonlyMap<string, APIService> => {
    const found = registered.get()
    return found instanceof Promise ? new Map() : found
  }

  /** Nobody waits for a look; what it could not tell of is told to the log. */
  function begin(service: APIService): void {
    look(service).catch((error: unknown) => {
      if (!stopping.signal.aborted) log(`status of APIService ${service.metadata.name}`, error)
    })
  }

  async function look(service: APIService): Promise<void> {
    const { group = '', version = '' } = service.spec
    const url = `/apis/${group}/${version}`
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(PATIENCE)])
    let condition: Pick<APIServiceCondition, 'status' | 'reason' | 'message'>
    try {
      const headers = { accept: 'application/json' }
      const answer = await callService(
        service,
        { method: 'GET', url, headers, user: AGGREGATOR, signal },
        reaching,
        proxy,
      )
      const resources = answer.statusCode === 200 ? aggregate(await json(answer), group, version) : undefined
      if (!resources) throw new Error(`bad status from ${url}: ${answer.statusCode}`)
      known.set(keyOf(service), resources)
      condition = { status: 'True', reason: 'Passed', message: 'all checks passed' }
    } catch (error) {
      if (stopping.signal.aborted) return
      const why = error instanceof Error ? error.message : String(error)
      condition = {
        status: 'False',
        reason: 'FailedDiscoveryCheck',
        message: `failing or missing response from ${url}: ${why}`,
      }
    }
    await tell(service, condition)
  }

  async function tell(
    service: APIService,
    now: Pick<APIServiceCondition, 'status' | 'reason' | 'message'>,
  ): Promise<void> {
    const before = service.status?.conditions?.find(({ type }) => type === 'Available')
    if (before?.status === now.status && before.reason === now.reason && before.message === now.message) return
    const lastTransitionTime = before?.status === now.status ? before.lastTransitionTime : formatTime(clock.now())
    const condition = { type: 'Available', lastTransitionTime, ...now }
    const others = (service.status?.conditions ?? []).filter(({ type }) => type !== 'Available')
    await options.report({ ...service, status: { conditions: [...others, condition] } })
  }

  const round = (): void => {
    for (const service of now().values()) begin(service)
    timer = clock.after(EVERY, round)
  }

  return {
    has: (group, version) => now().has(`${group}/${version}`),
    served: () =>
      [...now().values()].flatMap(({ spec: { group = '', version = '' } }) => {
        const resources = known.get(`${group}/${version}`)
        return resources ? [{ group, version, resources }] : []
      }),
    async forward(exchange, group, version, begun) {
      const service = now().get(`${group}/${version}`)
      if (!service) throw unavailable()
      await pass(exchange, service, reaching, proxy, begun)
    },
    start() {
      void registered.get()
      timer = clock.after(EVERY, round)
    },
    stop() {
      timer?.cancel()
      stopping.abort()
    },
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
