import { describe, expect, it } from 'vitest'
import { formatMetrics } from '../../../../src-kube/machinery/metrics/prometheus.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { Exchange, type Incoming, type Outgoing } from '../http/exchange.ts'
import { parseRequest } from '../http/request-info.ts'
import { kinds } from '../../../../src-kube/kinds/index.ts'
import { deprecatedApis } from './deprecated-apis.ts'
import { isServed } from './request-labels.ts'
import { RequestMetrics } from './request-metrics.ts'

const text = (metrics: RequestMetrics): string => formatMetrics(metrics.metrics())

function exchangeOf(method: string, url: string, code = 200, contentType?: string): Exchange {
  const headers = contentType === undefined ? {} : { 'content-type': contentType }
  const request = partial<Incoming>({ method, headers })
  return new Exchange(request, partial<Outgoing>({ statusCode: code }), parseRequest(method, url))
}

const verbOf = (method: string, url: string, contentType?: string): string => {
  const metrics = new RequestMetrics()
  metrics.follow(exchangeOf(method, url, 200, contentType), () => true)()
  return /apiserver_request_total\{verb="(\w+)".*?scope="(\w*)"/.exec(text(metrics))!.slice(1).join(' ')
}

const PODS = '/api/v1/namespaces/a/pods'

describe('requests', () => {
  it('are counted as upstream counts them, with what they took and how much they answered', () => {
    const metrics = new RequestMetrics()
    const exchange = exchangeOf('GET', PODS)
    const answered = metrics.follow(exchange, () => true)
    expect(text(metrics)).toContain('apiserver_current_inflight_requests{request_kind="readOnly"} 1\n')
    exchange.sent = 5000
    answered()
    metrics.follow(exchangeOf('POST', `${PODS}?dryRun=All`, 409), () => true)()
    const rest = 'group="",version="v1",resource="pods",subresource=""'
    for (const line of [
      `apiserver_request_total{verb="LIST",dry_run="",${rest},scope="namespace",component="apiserver",code="200"} 1`,
      `apiserver_request_total{verb="POST",dry_run="All",${rest},scope="resource",component="apiserver",code="409"} 1`,
      `apiserver_request_duration_seconds_bucket{verb="LIST",dry_run="",${rest},scope="namespace",component="apiserver",le="60"} 1`,
      `apiserver_request_sli_duration_seconds_bucket{verb="LIST",${rest},scope="namespace",component="apiserver",le="60"} 1`,
      `apiserver_response_sizes_bucket{verb="LIST",${rest},scope="namespace",component="apiserver",le="1000"} 0`,
      `apiserver_response_sizes_sum{verb="LIST",${rest},scope="namespace",component="apiserver"} 5000`,
      'apiserver_current_inflight_requests{request_kind="readOnly"} 0',
    ])
      expect(text(metrics)).toContain(`${line}\n`)
    expect(text(metrics)).not.toMatch(/apiserver_response_sizes.*POST/)
  })

  it.each([
    ['GET', `${PODS}/p`, 'GET resource'],
    ['HEAD', `${PODS}/p`, 'GET resource'],
    ['GET', '/api/v1/pods', 'LIST cluster'],
    ['GET', `${PODS}?watch=1`, 'WATCH namespace'],
    ['PUT', `${PODS}/p`, 'PUT resource'],
    ['DELETE', PODS, 'DELETE namespace'],
    ['GET', `${PODS}/p/log`, 'CONNECT resource'],
    ['GET', '/readyz', 'GET '],
  ])('%s %s is %s', (method, url, words) => {
    expect(verbOf(method, url)).toBe(words)
  })

  it('PATCH of an apply is APPLY', () => {
    expect(verbOf('PATCH', `${PODS}/p`, 'application/apply-patch+yaml')).toBe('APPLY resource')
    expect(verbOf('PATCH', `${PODS}/p`, 'application/json-patch+json')).toBe('PATCH resource')
  })

  it('that waited for others took less by what upstream promises', () => {
    const metrics = new RequestMetrics()
    const exchange = exchangeOf('GET', `${PODS}/p`)
    const answered = metrics.follow(exchange, () => true)
    exchange.waited = 5000
    answered()
    expect(text(metrics)).toMatch(/apiserver_request_sli_duration_seconds_sum\{.*\} -4\.9/)
  })

  it('of what nobody serves are no series', () => {
    const metrics = new RequestMetrics()
    metrics.follow(exchangeOf('GET', '/apis/made/up/names', 404), () => false)()
    expect(text(metrics)).not.toContain('made')
  })

  it('that last are told of while they do, and take nothing that the others have', () => {
    const metrics = new RequestMetrics()
    const over = metrics.follow(exchangeOf('GET', `${PODS}?watch=1`), () => true)
    const ended = metrics.lasts(parseRequest('POST', `${PODS}/p/exec`), 'POST')
    const running = (verb: string, subresource: string, scope: string, count: number): string =>
      `apiserver_longrunning_requests{verb="${verb}",group="",version="v1",resource="pods",subresource="${subresource}",scope="${scope}",component="apiserver"} ${count}\n`
    expect(text(metrics)).toContain(running('WATCH', '', 'namespace', 1))
    expect(text(metrics)).toContain(running('CONNECT', 'exec', 'resource', 1))
    expect(text(metrics)).toContain('apiserver_current_inflight_requests{request_kind="readOnly"} 0\n')
    over()
    ended(101)
    expect(text(metrics)).toContain(running('WATCH', '', 'namespace', 0))
    expect(text(metrics)).toContain('subresource="exec",scope="resource",component="apiserver",code="101"} 1\n')
  })
})

it('health endpoints and reviews are served, other paths are not counted', () => {
  const served = (url: string): boolean => isServed(parseRequest('GET', url), undefined)
  expect(served('/livez')).toBe(true)
  expect(served('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews')).toBe(true)
  expect(served('/livez/anything')).toBe(false)
  expect(served('/apis/authorization.k8s.io/v1/others')).toBe(false)
})

it('versions that are to go are told of once somebody asked for them, with the release that has them no more', () => {
  const metrics = new RequestMetrics()
  for (const url of [
    PODS,
    '/livez',
    '/apis/policy/v1/namespaces/a/poddisruptionbudgets',
    '/apis/policy/v1beta1/namespaces/a/poddisruptionbudgets',
    '/apis/policy/v1beta1/poddisruptionbudgets',
    '/apis/policy/v1beta1/namespaces/a/poddisruptionbudgets/b/status',
    '/api/v1/namespaces/a/endpoints',
  ])
    metrics.follow(exchangeOf('GET', url), () => true)()
  const lines = formatMetrics([deprecatedApis(metrics.asked(), kinds)])
    .split('\n')
    .slice(2, -1)
  const of = (resource: string, group: string, version: string, removed: string, subresource = '') =>
    `apiserver_requested_deprecated_apis{group="${group}",removed_release="${removed}",resource="${resource}",subresource="${subresource}",version="${version}"} 1`
  expect(lines).toEqual([
    of('poddisruptionbudgets', 'policy', 'v1beta1', '1.25'),
    of('poddisruptionbudgets', 'policy', 'v1beta1', '1.25', 'status'),
    of('endpoints', '', 'v1', ''),
  ])
})
