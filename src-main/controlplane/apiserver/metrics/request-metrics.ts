import {
  Count,
  counter,
  exponential,
  gauge,
  Histogram,
  type Labels,
  type Metric,
  type Sample,
  type Spread,
} from '../../../../src-kube/machinery/metrics/prometheus.ts'
import type { Exchange } from '../http/exchange.ts'
import type { RequestInfo } from '../http/request-info.ts'
import type { AskedResource } from './deprecated-apis.ts'
import { dryRunOf, scopeOf, verbOf } from './request-labels.ts'

/** Seconds up to which each bucket counts; as upstream's server has them ("Kubernetes Metrics Reference"). */
const sli = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60]
const durations = [0.005, 0.025, ...sli]
/** Bytes. */
const sizes = exponential(1000, 10, 7)

const reads = new Set(['get', 'list', 'watch', 'head'])

/** What requests that are alike have in common. */
interface Kept {
  verb: string
  group: string
  version: string
  resource: string
  subresource: string
  scope: string
  dryRun: string
}

/** What is counted of requests that are alike: found once a request, so that all else is an addition. */
interface RequestSeries extends Kept {
  labels: Labels
  /** Of the request count, which tells dry runs apart. */
  withDryRun: Labels
  /** By status code. */
  codes: Map<number, { value: number }>
  duration: Spread
  sli: Spread
  /** Of reads. */
  size: Spread | undefined
  /** Watches, and what is passed on to a node. */
  lasts: boolean
  /** How many of what lasts are under way. */
  running: number
}

/** How a request went. Times in milliseconds. */
interface RequestOutcome {
  code: number
  elapsed: number
  /** Of that, spent in a queue or on webhooks. */
  waited: number
  /** Bytes. */
  sent: number
}

/** What upstream's server counts of the requests that it answers, under its names (kubernetes.io, "Kubernetes Metrics Reference"). */
export class RequestMetrics {
  /** By resource: a handful each, told apart by comparing, which is cheaper than a key made of all. */
  readonly #series = new Map<string, RequestSeries[]>()
  readonly #requests = new Count()
  readonly #durations = new Histogram(durations)
  readonly #sli = new Histogram(sli)
  readonly #sizes = new Histogram(sizes)
  /** Requests under way that do not last, by what they do. */
  readonly inFlight = { mutating: 0, readOnly: 0 }
  /** How often each health endpoint was asked. */
  readonly health = new Map<string, number>()

  /**
   * The series of a request; undefined for what nobody serves, which would be as many as people make up.
   *
   * @param isServed asked once for requests that are alike
   */
  #of(
    info: RequestInfo,
    method: string,
    contentType: string | undefined,
    isServed: (info: RequestInfo) => boolean,
  ): RequestSeries | undefined {
    const verb = verbOf(info, method, contentType)
    const scope = scopeOf(info)
    const dryRun = dryRunOf(info)
    const { group, version, resource } = info
    const subresource = info.isResource ? info.subresource : info.path
    const alike = this.#series.get(resource)
    if (alike)
      for (const series of alike)
        if (
          series.verb === verb &&
          series.subresource === subresource &&
          series.scope === scope &&
          series.dryRun === dryRun &&
          series.version === version &&
          series.group === group
        )
          return series
    if (!isServed(info)) return undefined
    const made = this.#make({ verb, group, version, resource, subresource, scope, dryRun })
    if (alike) alike.push(made)
    else this.#series.set(resource, [made])
    return made
  }

  #make({ dryRun, verb, ...about }: Kept): RequestSeries {
    const rest = { ...about, component: 'apiserver' }
    const labels = { verb, ...rest }
    const withDryRun = { verb, dry_run: dryRun, ...rest }
    return {
      ...about,
      verb,
      dryRun,
      labels,
      withDryRun,
      codes: new Map(),
      duration: this.#durations.series(withDryRun),
      sli: this.#sli.series(labels),
      size: verb === 'GET' || verb === 'LIST' ? this.#sizes.series(labels) : undefined,
      lasts: verb === 'WATCH' || verb === 'CONNECT',
      running: 0,
    }
  }

  /** A request that comes; what is answered is called when it has been answered. */
  follow(exchange: Exchange, isServed: (info: RequestInfo) => boolean): () => void {
    const began = performance.now()
    const { info, request, response } = exchange
    const series = this.#of(info, request.method ?? 'GET', request.headers['content-type'], isServed)
    const kind = reads.has(info.verb) ? 'readOnly' : 'mutating'
    const lasts = series?.lasts === true
    if (lasts) series.running++
    else this.inFlight[kind]++
    return () => {
      if (lasts) series.running--
      else this.inFlight[kind]--
      if (!series) return
      const { waited, sent } = exchange
      this.#answered(series, { code: response.statusCode, elapsed: performance.now() - began, waited, sent })
    }
  }

  /** A connection that speaks something else from now on, of something that is served; to be called with its code when it is over. */
  lasts(info: RequestInfo, method: string): (code: number) => void {
    const began = performance.now()
    const series = this.#of(info, method, undefined, () => true)!
    series.running++
    return (code) => {
      series.running--
      this.#answered(series, { code, elapsed: performance.now() - began, waited: 0, sent: 0 })
    }
  }

  /** Counts a request that has been answered. */
  #answered(series: RequestSeries, { code, elapsed, waited, sent }: RequestOutcome): void {
    let count = series.codes.get(code)
    if (!count) series.codes.set(code, (count = this.#requests.series({ ...series.withDryRun, code: String(code) })))
    count.value++
    series.duration.observe(elapsed / 1000)
    series.sli.observe((elapsed - waited) / 1000)
    series.size?.observe(sent)
  }

  /** Resources that were asked for, in which version; some of them several times. */
  asked(): AskedResource[] {
    return [...this.#series.values()].flat().filter(({ resource }) => resource !== '')
  }

  metrics(): Metric[] {
    const { mutating, readOnly } = this.inFlight
    return [
      counter(
        'apiserver_request_total',
        '[STABLE] Requests answered, by what was asked for, whether it was a dry run, and code.',
        this.#requests.samples,
      ),
      this.#durations.metric(
        'apiserver_request_duration_seconds',
        '[STABLE] Seconds until a request was answered, by what was asked for and whether it was a dry run.',
      ),
      this.#sli.metric(
        'apiserver_request_sli_duration_seconds',
        '[ALPHA] The same without what webhooks and queues took.',
      ),
      this.#sizes.metric('apiserver_response_sizes', '[STABLE] Bytes of an answer to a read, by what was asked for.'),
      gauge(
        'apiserver_longrunning_requests',
        '[STABLE] Watches and connections to pods and nodes under way, by what was asked for.',
        this.#running(),
      ),
      gauge(
        'apiserver_current_inflight_requests',
        '[STABLE] Requests under way, by whether they may change anything.',
        [
          { labels: { request_kind: 'mutating' }, value: mutating },
          { labels: { request_kind: 'readOnly' }, value: readOnly },
        ],
      ),
    ]
  }

  #running(): Sample[] {
    return [...this.#series.values()]
      .flat()
      .filter(({ lasts }) => lasts)
      .map(({ labels, running }) => ({ labels, value: running }))
  }
}
