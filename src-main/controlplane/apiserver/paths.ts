import type { Pod } from '#types/core/v1'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import { StatusError } from '../../../src-kube/machinery/errors.ts'
import type { IssuerDocuments } from './auth/issuer-discovery.ts'
import type { Discovery } from './discovery.ts'
import type { Aggregation } from './aggregation/index.ts'
import { PageNotFoundError } from './filters/page-not-found.ts'
import { dump, dumpPaths, type FlowControl } from './flow-control/index.ts'
import { protobufOf, type Exchange } from './http/exchange.ts'
import { formatMetrics, type MetricSource } from '../../../src-kube/machinery/metrics/prometheus.ts'
import { health, healthMetrics } from './health.ts'
import { negotiate, PROTOBUF } from './http/negotiation.ts'
import { podResourceMetrics } from './metrics/pod-resources.ts'
import { isCached, hashOf, sendPublished } from './http/published.ts'
import {
  OPENAPI_V2_PROTOBUF,
  OPENAPI_V3_PROTOBUF,
  openapiDocument,
  openapiDocumentProtobuf,
  openapiIndex,
  openapiV2Document,
  openapiV2Protobuf,
} from './openapi.ts'
import { placementPath, servePlacement, type FindPlacement } from './placements.ts'
import type { ResourceTable } from './resources.ts'
import { methodNotAllowed, pathNotFound } from './scope.ts'
import { serverVersion } from './version.ts'
import { zPage } from './zpages.ts'

/** What paths that are no resources answer from. */
export interface PathContext {
  discovery: Discovery
  resources: ResourceTable
  /** How often each health endpoint was asked. */
  health: Map<string, number>
  metrics: MetricSource
  pods(): Promise<readonly Pod[]>
  /** `https://127.0.0.1:6443`. */
  address: string
  ready: Promise<void>
  checkStore?: (() => Promise<void>) | undefined
  clock: Clock
  issuer: IssuerDocuments
  flowControl: FlowControl
  placement?: FindPlacement | undefined
  /** Other servers, which have documents of their own. */
  aggregation?: Pick<Aggregation, 'descriptions' | 'documents' | 'forward' | 'has'> | undefined
}

/** Paths that are no resources: discovery, OpenAPI, health, version, metrics. */
export async function servePath(exchange: Exchange, context: PathContext): Promise<void> {
  const { path } = exchange.info
  const parts = path.split('/').filter((part) => part !== '')
  if (/^\/(healthz|livez|readyz)(\/.*)?$/.test(path)) {
    const { ready, health: asked, checkStore } = context
    return health(exchange, { ready, asked, checkStore })
  }
  if (path === '/version' || path === '/version/') return version(exchange)
  if (path === '/metrics') return exchange.send(200, formatMetrics(context.metrics()), METRICS)
  if (path === '/metrics/resources')
    return exchange.send(200, formatMetrics(podResourceMetrics(await context.pods())), METRICS)
  if (path === '/metrics/slis') return exchange.send(200, healthMetrics(context.health), METRICS)
  if (path === '/' || path === '/index.html') return exchange.sendIndented(200, { paths: rootPaths(context) })
  if (parts[0] === 'api' || parts[0] === 'apis') return discovery(exchange, context, parts)
  if (path === '/openapi/v3' || path === '/openapi/v3/') return openapiV3Index(exchange, context)
  if (path.startsWith('/openapi/v3/')) return openapiV3(exchange, context, parts.slice(2).join('/'))
  if (path === '/openapi/v2') return openapiV2(exchange, context)
  // Clients made from the API's description end these two with a slash.
  if (/^\/\.well-known\/openid-configuration\/?$/.test(path)) return issuer(exchange, context.issuer.configuration)
  if (/^\/openid\/v1\/jwks\/?$/.test(path)) return issuer(exchange, context.issuer.keys, 'application/jwk-set+json')
  const page = zPage(path, context)
  if (page) return page(exchange)
  const dumped = dump(context.flowControl, exchange.info)
  if (dumped !== undefined) return exchange.send(200, dumped, 'text/plain; charset=utf-8')
  const pod = placementPath(path)
  if (pod) return servePlacement(exchange, pod, context.placement)
  throw new PageNotFoundError()
}

function version(exchange: Exchange): void {
  onlyGet(exchange)
  exchange.sendIndented(200, serverVersion)
}

/** Throws 405 where upstream's routes know no other method. */
function onlyGet({ request: { method = 'GET' } }: Exchange): void {
  if (method !== 'GET') throw methodNotAllowed()
}

const METRICS = 'text/plain; version=0.0.4; charset=utf-8'

const rootPaths = ({ discovery, resources }: PathContext): string[] => [
  '/.well-known/openid-configuration',
  '/api',
  '/api/v1',
  '/apis',
  ...discovery.groups.map((group) => `/apis/${group}`),
  ...resources.apiVersions.filter((version) => version.includes('/')).map((version) => `/apis/${version}`),
  ...dumpPaths,
  '/flagz',
  '/healthz',
  '/livez',
  '/metrics',
  '/metrics/resources',
  '/metrics/slis',
  '/openapi/v2',
  '/openapi/v3',
  '/openid/v1/jwks',
  '/readyz',
  '/statusz',
  '/version',
]

/** Changes with the cluster's keys only. */
function issuer(exchange: Exchange, document: object, type = 'application/json'): void {
  exchange.setHeader('cache-control', 'public, max-age=3600')
  exchange.send(200, JSON.stringify(document), type)
}

function discovery(exchange: Exchange, { discovery: documents, address }: PathContext, parts: string[]): void {
  const [root, group, version] = parts
  if (root === 'api' || version !== undefined) onlyGet(exchange)
  const host = new URL(address).host
  if (parts.length === 1) {
    const form = negotiate(
      exchange.header('accept'),
      (as, f) => as === 'APIGroupDiscoveryList' && f.group === 'apidiscovery.k8s.io' && /^v2(beta1)?$/.test(f.version),
    )
    exchange.setHeader('vary', 'Accept')
    if (form.as === undefined)
      return exchange.sendObject(200, form, root === 'api' ? documents.coreVersions(host) : documents.groupList())
    const document = documents.aggregated(root === 'api' ? [''] : documents.groups, form.version)
    const isProtobuf = form.encoding === 'protobuf'
    const type = `${isProtobuf ? PROTOBUF : 'application/json'};g=apidiscovery.k8s.io;v=${form.version};as=APIGroupDiscoveryList`
    const body = isProtobuf ? protobufOf(document) : JSON.stringify(document)
    exchange.setHeader('cache-control', 'public')
    return isCached(exchange, hashOf(body)) ? undefined : exchange.send(200, body, type)
  }
  const document =
    root === 'api'
      ? documents.resourceList('', group!)
      : parts.length === 2
        ? documents.group(group!)
        : documents.resourceList(group!, version!)
  if (!document || parts.length > 3)
    throw root === 'api' || documents.isBuiltIn(group!) ? pathNotFound() : new PageNotFoundError()
  const form = negotiate(exchange.header('accept'), () => false)
  exchange.sendObject(200, form, document)
}

/** In the form that is accepted: JSON, or the protocol buffers that kubectl asks for. */
async function openapiV2(exchange: Exchange, { resources, aggregation }: PathContext): Promise<void> {
  const accept = exchange.header('accept') ?? ''
  const others = (await aggregation?.descriptions()) ?? []
  if (accept.includes('proto-openapi.spec.v2')) return sendPublished(exchange, openapiV2Protobuf(resources, others))
  checkJson(accept, `application/json, ${OPENAPI_V2_PROTOBUF}`)
  sendPublished(exchange, openapiV2Document(resources, others))
}

async function openapiV3Index(exchange: Exchange, { resources, aggregation }: PathContext): Promise<void> {
  sendPublished(exchange, await openapiIndex(resources, aggregation?.documents()))
}

/** A year: a document under its hash never changes (reference: kube-openapi, handler3). */
const FOREVER = 365 * 86_400_000

/** A group version's document. One that was asked for by a hash it no longer has is to be had under its new one. */
async function openapiV3(
  exchange: Exchange,
  { resources, clock, aggregation }: PathContext,
  path: string,
): Promise<void> {
  const accept = exchange.header('accept') ?? ''
  const isProtobuf = accept.includes('proto-openapi.spec.v3')
  const document = (isProtobuf ? openapiDocumentProtobuf : openapiDocument)(resources, path)
  const [, group = '', version = ''] = path.split('/')
  if (!document && aggregation?.has(group, version)) return aggregation.forward(exchange, group, version)
  if (!document) throw new PageNotFoundError()
  const asked = exchange.info.query.get('hash')
  if (asked && asked !== document.hash) {
    exchange.begin(301, { location: `/openapi/v3/${path}?hash=${document.hash}`, 'content-length': '0' })
    return void exchange.response.end()
  }
  if (!isProtobuf) checkJson(accept, `application/json, ${OPENAPI_V3_PROTOBUF}`)
  if (asked) {
    exchange.setHeader('cache-control', 'public, immutable')
    exchange.setHeader('expires', new Date(clock.now() + FOREVER).toUTCString())
  }
  sendPublished(exchange, document)
}

function checkJson(accept: string, types: string): void {
  if (accept === '' || /application\/(json|\*)|\*\/\*/.test(accept)) return
  throw new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${types}`)
}
