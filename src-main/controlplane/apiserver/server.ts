import type { Pod } from '#types/core/v1'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { forbidden, internalError, methodNotSupported, StatusError } from '../../../src-kube/machinery/errors.ts'
import type { KindDescriptor } from '../../../src-kube/kinds/descriptor.ts'
import type { MetricSource } from '../../../src-kube/machinery/metrics/prometheus.ts'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import { refuseUpgrade } from '../../../src-wire/remote/switch-protocols.ts'
import type { DesktopImages } from '../../../src-wire/node/node-connection.ts'
import type { Admission, UserInfo } from '../admission/admission.ts'
import type { Registry, Target } from '../registry/registry.ts'
import type { Aggregation } from './aggregation/index.ts'
import type { AccessAttributes, Authenticator, Authorizer, Decision } from './auth/auth.ts'
import type { IssuerDocuments } from './auth/issuer-discovery.ts'
import { attributesOf } from './auth/request-attributes.ts'
import { unionOf } from './auth/union.ts'
import { componentStatusResource, serveComponentStatuses } from './component-statuses.ts'
import { Discovery, type VirtualResource } from './discovery.ts'
import { authenticateRequest, credentialsOf, refusal } from './filters/authentication.ts'
import { Deadlines } from './filters/deadlines.ts'
import { answerPageNotFound, PageNotFoundError } from './filters/page-not-found.ts'
import { refuse } from './filters/refused.ts'
import { admitToWork, answerTooMany, type FlowControl } from './flow-control/index.ts'
import { decodeBody, Exchange, isGone, readBody, type Incoming, type Outgoing } from './http/exchange.ts'
import { negotiate } from './http/negotiation.ts'
import { parseRequest, type RequestInfo } from './http/request-info.ts'
import { isWatchSocket, SocketResponse } from './http/socket-response.ts'
import { keepDocuments } from './openapi.ts'
import type { PeerCertificate } from './listener.ts'
import { checkScope, checkVerb, checkVirtual, methodNotAllowed, pathNotFound } from './scope.ts'
import { servePath, type PathContext } from './paths.ts'
import { RequestMetrics } from './metrics/request-metrics.ts'
import { isServed } from './metrics/request-labels.ts'
import { allMetrics } from './metrics/index.ts'
import { isPast, objectOfPast } from './past/path.ts'
import { serveMoments, serveRevisions } from './past/serve.ts'
import type { FindPlacement } from './placements.ts'
import { isResourceMetrics, type ResourceMetrics } from './resource-metrics/index.ts'
import { ResourceTable, type ServedResource } from './resources.ts'
import { review, type ReviewOptions } from './reviews.ts'
import type { Streaming } from './streaming/index.ts'
import { serveTrace, TRACE_PATH } from './trace/index.ts'
import { IMAGES_PATH, serveDesktopImage } from './tunnel/images.ts'
import { heard, noteDecision, noteDeprecation } from './audit/notes.ts'
import type { Auditor } from './audit/index.ts'
import { auditId } from './audit/id.ts'
import type { Trail } from './audit/trail.ts'
import { alsoNeeded, connectAttributes, connectTarget, isConnect, SWITCHED, type Upgrade } from './connect.ts'
import { TUNNEL_PATH, type Tunnels } from './tunnel/index.ts'
import type { VerbContext } from './verbs/context.ts'
import { bindingResource, createBinding } from './verbs/bindings.ts'
import { get, list } from './verbs/read.ts'
import { ownVirtual, virtualResources } from './virtual.ts'
import { watch } from './verbs/watch.ts'
import { create, patch, remove, removeCollection, update } from './verbs/write.ts'

/** Everything that the handling of a request is put together from. */
export interface ApiHandlerOptions {
  registry: Registry
  groupOrder: readonly string[]
  authenticate: Authenticator
  /** Asked in order until one allows or denies. */
  authorizers: readonly Authorizer[]
  rulesFor: ReviewOptions['rulesFor']
  admission: Admission
  streaming: Streaming
  aggregation: Aggregation
  resourceMetrics: ResourceMetrics
  /** Absent: nothing is told of requests. */
  audit?: Auditor | undefined
  issuer: IssuerDocuments
  /** What the scheduler remembers of a pod. */
  placement?: FindPlacement
  tunnels: Tunnels
  images: DesktopImages
  flowControl: FlowControl
  /** What the parts behind the server count. */
  metrics?: MetricSource
  clock: Clock
  /** What is made at the start of a cluster is there; at once when absent. */
  started?: Promise<void>
  /** `https://127.0.0.1:6443`, for `/api`. */
  address: () => string
  log(message: string, error?: unknown): void
}

/** The way of every request: who, what, may they, then the verb. One place turns errors into `Status` answers. */
export class ApiHandler {
  readonly #options: ApiHandlerOptions
  readonly #union: Authorizer
  #kinds: readonly KindDescriptor[] | undefined
  #table!: ResourceTable
  #documents!: Discovery
  readonly #metrics = new RequestMetrics()
  readonly #deadlines: Deadlines
  readonly #stopping = new AbortController()
  readonly #ready: Promise<void>

  constructor(options: ApiHandlerOptions) {
    this.#options = options
    this.#union = unionOf(options.authorizers)
    this.#deadlines = new Deadlines(options.clock)
    this.#ready = Promise.all([options.registry.ready, options.started]).then(() => undefined)
  }

  /** What is served now: another table from the moment on that custom kinds come, change or go. */
  get #resources(): ResourceTable {
    const { registry, groupOrder } = this.#options
    if (this.#kinds !== registry.kinds) {
      const before = this.#kinds && this.#table
      this.#kinds = registry.kinds
      this.#table = new ResourceTable(this.#kinds, groupOrder)
      this.#documents = new Discovery(this.#table, virtualResources, () => this.#options.aggregation.served())
      if (before) keepDocuments(before, this.#table)
    }
    return this.#table
  }

  /** Ends watches and other streams. */
  stop(): void {
    this.#stopping.abort()
  }

  readonly onRequest = (request: Incoming, response: Outgoing, peer: PeerCertificate): void => {
    const info = parseRequest(request.method ?? 'GET', request.url ?? '/')
    const exchange = new Exchange(request, response, info)
    const id = auditId()
    exchange.setHeader('audit-id', id)
    exchange.trail = this.#options.audit?.follow(info, request, id)
    const answered = this.#metrics.follow(exchange, this.#isServed)
    void this.#answer(exchange, peer, answered)
  }

  async #answer(exchange: Exchange, peer: PeerCertificate, answered: () => void): Promise<void> {
    try {
      await this.#deadlines.within(exchange, () => this.#serve(exchange, peer))
    } catch (error) {
      this.#fail(exchange, error)
    } finally {
      exchange.trail?.end(exchange.response.statusCode)
      answered()
    }
  }

  readonly #isServed = (info: RequestInfo): boolean =>
    isServed(info, this.#resources.find(info.group, info.version, info.resource))

  #fail(exchange: Exchange, error: unknown): void {
    if (exchange.isOver) return
    if (answerTooMany(exchange, error) || answerPageNotFound(exchange, error)) return
    const status = error instanceof StatusError ? error : internalError(error)
    if (status.code >= 500) this.#options.log(`${exchange.request.method} ${exchange.info.path}`, error)
    if (exchange.hasBegun) (exchange.response as ServerResponse).destroy()
    else exchange.sendStatus(status)
  }

  async #serve(exchange: Exchange, peer: PeerCertificate): Promise<void> {
    const { info, request } = exchange
    if (info.path.startsWith(IMAGES_PATH)) return this.#image(exchange, peer)
    const who = this.#who(info, request, peer, exchange.trail)
    exchange.user = who instanceof Promise ? await who : who
    // Its end has been told of already: nothing that is begun now would hear of it.
    if (isGone(exchange.response)) return
    const taken = admitToWork(this.#options.flowControl, exchange, this.#options.registry.count)
    const seats = taken instanceof Promise ? await exchange.awaiting(taken) : taken
    const done = seats && ((): void => this.#options.flowControl.leave(seats))
    try {
      await this.#authorized(exchange, done)
    } finally {
      done?.()
    }
  }

  /** @param begun for a request that goes on after it has been worked on: it has begun */
  async #authorized(exchange: Exchange, begun: (() => void) | undefined): Promise<void> {
    const { info, user, request } = exchange
    // It judges itself who may.
    if (info.path === TRACE_PATH)
      return serveTrace(exchange, { ...this.#options, read: this.#options.registry, authorize: this.#authorize })
    // Whoever may read an object may see what it was.
    const past = info.isResource ? undefined : objectOfPast(info, request.method ?? 'GET')
    try {
      const judging = this.#may(past ?? info, user, exchange.trail)
      if (judging) await judging
    } catch (error) {
      refuse(exchange, error)
    }
    if (past) return this.#revisions(exchange, past)
    if (!info.isResource) return this.#path(exchange)
    const resource = this.#resources.find(info.group, info.version, info.resource)
    if (!resource) return this.#virtual(exchange, begun)
    if (resource.warning) exchange.warn(resource.warning)
    noteDeprecation(exchange.trail, resource)
    await this.#verb(exchange, resource, begun)
  }

  async #path(exchange: Exchange): Promise<void> {
    const { aggregation } = this.#options
    const [, group = '', version = ''] = /^\/apis\/([^/]+)\/([^/]+)\/?$/.exec(exchange.info.path) ?? []
    const own = this.#resources.versions(group).includes(version)
    if (!own && aggregation.has(group, version)) return aggregation.forward(exchange, group, version)
    const { registry, clock } = this.#options
    if (isPast(exchange.info.path)) return serveMoments(exchange, registry, clock)
    return servePath(exchange, this.#pathContext())
  }

  /** @param asked the object as a request for it would name it */
  async #revisions(exchange: Exchange, asked: RequestInfo): Promise<void> {
    const resource = this.#resources.find(asked.group, asked.version, asked.resource)
    if (!resource) throw pathNotFound()
    checkScope(asked, resource)
    await serveRevisions(exchange, this.#options.registry, targetOf(asked, resource))
  }

  /** Reviews are kinds that nothing stores; other groups may be another server's. */
  async #virtual(exchange: Exchange, begun: (() => void) | undefined): Promise<void> {
    const { resource, group, version } = exchange.info
    const found = ownVirtual.find((r) => r.plural === resource && r.group === group && r.version === version)
    if (found) return this.#ownVirtual(exchange, found)
    const { aggregation, resourceMetrics } = this.#options
    if (aggregation.has(group, version)) return aggregation.forward(exchange, group, version, begun)
    if (isResourceMetrics(exchange.info)) return resourceMetrics(exchange)
    throw this.#documents.isBuiltIn(group) ? pathNotFound() : new PageNotFoundError()
  }

  async #ownVirtual(exchange: Exchange, resource: VirtualResource): Promise<void> {
    const { info, request } = exchange
    checkVirtual(info, request.method ?? '', resource)
    if (resource === componentStatusResource) return serveComponentStatuses(exchange)
    if (resource !== bindingResource) return this.#review(exchange, resource.kind)
    return createBinding(this.#context(exchange, this.#resources.find('', 'v1', 'pods')!))
  }

  /** An image of the desktop for a node; it judges itself who may ask. */
  async #image({ info, request, response }: Exchange, peer: PeerCertificate): Promise<void> {
    const { images } = this.#options
    const user = await this.#who(info, request, peer)
    await serveDesktopImage(request as IncomingMessage, response as ServerResponse, user, images)
  }

  /** At once when nobody has to be asked. */
  #who(info: RequestInfo, request: Incoming, peer: PeerCertificate, trail?: Trail): UserInfo | Promise<UserInfo> {
    const credentials = credentialsOf(request, peer)
    const asked = (user: UserInfo): AccessAttributes => attributesOf(info, user)
    const authenticate = trail ? heard(this.#options.authenticate, trail) : this.#options.authenticate
    const found = authenticateRequest(credentials, authenticate, this.#authorize, asked)
    if (!trail) return found
    return found instanceof Promise ? found.then((user) => trail.inNameOf(user)) : trail.inNameOf(found)
  }

  /** Authorization. Returns at once when nobody has to be waited for. */
  #may(info: RequestInfo, user: UserInfo, trail?: Trail): Promise<void> | undefined {
    const attributes = attributesOf(info, user)
    const judge = (decision: Decision): undefined => {
      if (trail) noteDecision(trail, decision)
      if (decision.allowed) return
      const words = refusal(attributes) + (decision.reason ? `: ${decision.reason}` : '')
      if (!info.isResource) throw new StatusError(403, 'Forbidden', `forbidden: ${words}`, {})
      throw forbidden({ group: info.group, resource: info.resource }, attributes.name, words)
    }
    const decision = this.#union(attributes)
    return decision instanceof Promise ? decision.then(judge) : judge(decision)
  }

  readonly #authorize = async (attributes: AccessAttributes): Promise<Decision> => this.#union(attributes)

  async #review(exchange: Exchange, kind: string): Promise<void> {
    // Reviews have no table and no metadata to show.
    const form = negotiate(exchange.header('accept'), () => false)
    const body = decodeBody(await readBody(exchange.request), exchange.header('content-type'))
    const { authenticate, rulesFor, clock } = this.#options
    const options = { authorize: this.#authorize, authenticate, rulesFor, now: clock.now() }
    exchange.sendObject(201, form, await review(kind, body, exchange.info.namespace, exchange.user, options))
  }

  #verb(exchange: Exchange, resource: ServedResource, begun: (() => void) | undefined): Promise<void> {
    const { info } = exchange
    checkScope(info, resource)
    if (isConnect(info)) return this.#connect(exchange, resource)
    // Nobody asks for the head of a built-in object alone: upstream has no such route. Nor are there other methods below `/watch`.
    const { method } = exchange.request
    if (method === 'HEAD' && !resource.served.custom) throw methodNotAllowed()
    if (info.verb === 'watch' && method !== 'GET' && method !== 'HEAD') throw methodNotAllowed()
    checkVerb(info, resource)
    const context = this.#context(exchange, resource)
    switch (info.verb) {
      case 'get':
        return get(context)
      case 'list':
        return list(context)
      case 'watch':
        return watch(context, this.#stopping.signal, begun)
      case 'create':
        return create(context)
      case 'update':
        return update(context)
      case 'patch':
        return patch(context)
      case 'delete':
        return remove(context)
      case 'deletecollection':
        return removeCollection(context)
      default:
        throw methodNotSupported({ group: info.group, resource: info.resource }, info.verb)
    }
  }

  #context(exchange: Exchange, resource: ServedResource): VerbContext {
    const { registry, clock } = this.#options
    const confirmCreate = (): Promise<void> => this.#confirmCreate(exchange)
    return { registry, clock, exchange, resource, target: targetOf(exchange.info, resource), confirmCreate }
  }

  /** Refuses, in upstream's few words, who may change the object but not create it. */
  async #confirmCreate({ info, user }: Exchange): Promise<void> {
    const { allowed, reason = '' } = await this.#authorize(attributesOf({ ...info, verb: 'create' }, user))
    if (!allowed) throw forbidden({ group: info.group, resource: info.resource }, info.name, reason)
  }

  async #connect(exchange: Exchange, resource: ServedResource): Promise<void> {
    const { info, request, response, user } = exchange
    await this.#admitConnect(info, resource, user)
    const handled = await this.#options.streaming.handle({ ...connectTarget(info, user), request, response })
    if (!handled) throw methodNotSupported({ group: info.group, resource: info.resource }, info.verb)
  }

  async #admitConnect(info: RequestInfo, { descriptor }: ServedResource, user: UserInfo): Promise<void> {
    const attributes = connectAttributes(info, descriptor, user)
    if (!attributes) return
    await this.#options.admission.admit(attributes)
    await this.#options.admission.validate(attributes)
  }

  /** Connections to nodes and pods, and watches over WebSockets. */
  readonly upgrades = (request: IncomingMessage): boolean => {
    const info = parseRequest(request.method ?? 'GET', request.url ?? '/')
    return info.path === TUNNEL_PATH || isConnect(info) || isWatchSocket(info, request)
  }

  readonly onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer, peer: PeerCertificate): void => {
    const info = parseRequest(request.method ?? 'GET', request.url ?? '/')
    if (isWatchSocket(info, request)) return this.onRequest(request, new SocketResponse(request, socket, head), peer)
    const trail = this.#options.audit?.follow(info, request, auditId())
    this.#upgrade({ info, request, socket, head, peer, trail })
      .catch((error: unknown) => {
        const status = error instanceof StatusError ? error : internalError(error)
        if (status.code >= 500) this.#options.log(`upgrade ${info.path}`, error)
        trail?.answered(status.toStatus())
        trail?.end(status.code)
        refuseUpgrade(socket, status.code, status.toStatus())
      })
      .finally(() => trail?.end(SWITCHED))
  }

  async #upgrade({ info, request, socket, head, peer, trail }: Upgrade): Promise<void> {
    const { tunnels, streaming } = this.#options
    if (info.path === TUNNEL_PATH) {
      const user = await this.#who(info, request, peer)
      return tunnels.handleUpgrade(request, socket, head, user)
    }
    const user = await this.#who(info, request, peer, trail)
    await this.#may(info, user, trail)
    const more = alsoNeeded(info)
    if (more) await this.#may(more, user, trail)
    const resource = this.#resources.find(info.group, info.version, info.resource)
    if (!resource || !isConnect(info)) throw pathNotFound()
    await this.#admitConnect(info, resource, user)
    const over = this.#metrics.lasts(info, request.method ?? 'GET')
    trail?.started(SWITCHED)
    try {
      await streaming.upgrade({ ...connectTarget(info, user), request, socket, head })
    } finally {
      over(SWITCHED)
    }
  }

  #pathContext(): PathContext {
    const resources = this.#resources
    return {
      discovery: this.#documents,
      resources,
      health: this.#metrics.health,
      metrics: () => allMetrics(this.#metrics, this.#options),
      pods: async () => (await this.#options.registry.list('', 'pods')) as readonly Pod[],
      address: this.#options.address(),
      ready: this.#ready,
      checkStore: this.#options.registry.checkStore,
      clock: this.#options.clock,
      issuer: this.#options.issuer,
      flowControl: this.#options.flowControl,
      placement: this.#options.placement,
      aggregation: this.#options.aggregation,
    }
  }
}

function targetOf({ namespace, name, subresource }: RequestInfo, { descriptor, served }: ServedResource): Target {
  return { descriptor, served, namespace: descriptor.scope === 'Namespaced' ? namespace : '', name, subresource }
}
