import { createHash } from 'node:crypto'
import type { Secret } from '#types/core/v1'
import type { HTTPIngressPath, Ingress, IngressBackend } from '#types/networking.k8s.io/v1'
import { objectKey } from '../../src-kube/machinery/meta.ts'
import { RejectedAnnotation } from './annotations.ts'
import { backendOf, type Known } from './backends.ts'
import { Certificates } from './certificates.ts'
import type { File, Model, Problem, Server, Upstream } from './model.ts'
import { placeRoutes, type PathType, type Route } from './paths.ts'
import { isQuotable } from './quote.ts'
import { usersFile, UnusableSecret } from './secrets.ts'
import { readSettings, type Settings } from './settings.ts'

/** The objects that a model is built of. */
export interface Sources extends Known {
  /** Those that the controller routes. */
  ingresses: readonly Ingress[]
  secret(key: string): Secret | undefined
}

const HOST_PATTERN = /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/**
 * What nginx is to do for the Ingresses of a cluster (kubernetes.io, "Ingress"). One that cannot be routed is left out and told of; of two that want the same path
 * of a host the older has it. Depends on nothing but its argument.
 */
export function buildModel(sources: Sources): Model {
  return new Building(sources).model()
}

class Building {
  readonly #sources: Sources
  readonly #problems: Problem[] = []
  readonly #upstreams = new Map<string, Upstream>()
  readonly #files = new Map<string, File>()
  readonly #routes = new Map<string, Array<{ route: Route; ingress: Ingress }>>([['', []]])
  readonly #appRoots = new Map<string, string>()
  readonly #canaries: Read[] = []
  readonly #certificates: Certificates

  constructor(sources: Sources) {
    this.#sources = sources
    this.#certificates = new Certificates((key) => sources.secret(key))
  }

  model(): Model {
    const ingresses = this.#sources.ingresses.toSorted(byAge)
    for (const ingress of ingresses) this.#certificates.add(ingress)
    for (const ingress of ingresses) this.#add(ingress)
    for (const one of this.#canaries) this.#addCanary(one)
    const servers = [...this.#routes.keys()].toSorted().map((host) => this.#server(host))
    for (const { file, problem } of this.#certificates.used()) {
      if (file) this.#files.set(file.name, file)
      if (problem) this.#problems.push(problem)
    }
    const upstreams = [...this.#upstreams.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
    return { servers, upstreams, files: [...this.#files.values()], problems: this.#problems }
  }

  #add(ingress: Ingress): void {
    const reject = (message: string) => void this.#problems.push({ ingress, reason: 'Rejected', message })
    let settings: Settings
    try {
      const read = readSettings(ingress.metadata.annotations)
      settings = read.settings
      for (const message of read.ignored) this.#problems.push({ ingress, reason: 'Ignored', message })
    } catch (error) {
      if (!(error instanceof RejectedAnnotation)) throw error
      return reject(error.message)
    }
    if (settings.canary) return void this.#canaries.push({ ingress, settings, reject })
    const { rules = [], defaultBackend } = ingress.spec
    const hosts = new Set<string>()
    for (const { host = '', http } of rules) {
      if (host !== '' && !HOST_PATTERN.test(host)) {
        reject(`host ${JSON.stringify(host)} is not a name`)
        continue
      }
      hosts.add(host)
      this.#open(host, settings)
      for (const path of http?.paths ?? []) this.#addPath({ ingress, settings, reject }, host, path)
    }
    if (!defaultBackend) return
    for (const host of hosts.add('')) {
      const route = { type: 'Prefix' as const, path: '/', fallback: true }
      this.#route({ ingress, settings, reject }, host, route, defaultBackend)
    }
  }

  /** Beside each path of another Ingress with the same host, path and type; one that stands beside none is told of. */
  #addCanary({ ingress, settings, reject }: Read): void {
    const { rules = [], defaultBackend } = ingress.spec
    for (const { host = '', http } of rules) {
      for (const { path, pathType, backend } of http?.paths ?? [])
        this.#placeCanary(
          { ingress, settings, reject },
          host,
          { type: typeOf(pathType), path: path || '/', fallback: false },
          backend,
        )
    }
    const fallback = { type: 'Prefix' as const, path: '/', fallback: true }
    if (defaultBackend) this.#placeCanary({ ingress, settings, reject }, '', fallback, defaultBackend)
  }

  /** Notes on the route at this place that some of its requests go to the canary. */
  #placeCanary({ ingress, settings, reject }: Read, host: string, asked: Asked, { service }: IngressBackend): void {
    const at = `host ${JSON.stringify(host || '*')} and path ${JSON.stringify(asked.path)}`
    const beside = this.#routes.get(host)?.find(({ route }) => isSamePlace(route, asked))?.route
    if (!beside || !service) return reject(`no other Ingress routes ${at}, beside which a canary could stand`)
    if (beside.target.canary) return reject(`${at} have a canary already`)
    const { upstream, backend } = backendOf(service, ingress.metadata.namespace ?? '', this.#sources, settings.cookie)
    if (upstream) this.#upstreams.set(upstream.name, upstream)
    const key = [objectKey(ingress), host, asked.type, asked.path].join(' ')
    const name = `@canary-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`
    beside.target = { ...beside.target, canary: { name, when: settings.canary!, backend, cookie: settings.cookie } }
  }

  /** Has a server for the host, if there is none yet. */
  #open(host: string, { appRoot }: Settings): void {
    if (!this.#routes.has(host)) this.#routes.set(host, [])
    if (appRoot && !this.#appRoots.has(host)) this.#appRoots.set(host, appRoot)
  }

  #addPath(of: Read, host: string, { path = '', pathType, backend }: HTTPIngressPath): void {
    const type = typeOf(pathType)
    const asked = path || '/'
    if (!asked.startsWith('/') || !isQuotable(asked)) return of.reject(`path ${JSON.stringify(path)} is not a path`)
    this.#route(of, host, { type, path: asked, fallback: false }, backend)
  }

  #route({ ingress, settings, reject }: Read, host: string, asked: Asked, { service, resource }: IngressBackend): void {
    const { namespace = '' } = ingress.metadata
    if (!service) return reject(`${resource?.kind ?? 'a resource'} cannot be a backend: only services can`)
    const found = backendOf(service, namespace, this.#sources, settings.cookie)
    const guard = this.#users(namespace, settings, reject)
    if (found.upstream) this.#upstreams.set(found.upstream.name, found.upstream)
    const target = {
      ingress: objectKey(ingress),
      backend: guard === 'closed' ? { type: 'none' as const } : found.backend,
      settings,
      redirectToHttps: settings.forceSslRedirect || (settings.sslRedirect && this.#certificates.has(host)),
      ...(guard && guard !== 'closed' ? { users: guard } : {}),
    }
    this.#routes.get(host)!.push({ ingress, route: { ...asked, regex: settings.regex, target } })
  }

  /** The file of those who may pass; `closed` when nobody may, since who may is not known. */
  #users(namespace: string, { auth }: Settings, reject: (message: string) => void): string | undefined {
    if (!auth) return undefined
    try {
      const file = usersFile(this.#sources.secret(`${namespace}/${auth.secret}`))
      this.#files.set(file.name, file)
      return file.name
    } catch (error) {
      if (!(error instanceof UnusableSecret)) throw error
      reject(`Secret ${namespace}/${auth.secret} ${error.message}`)
      return 'closed'
    }
  }

  #server(host: string): Server {
    const routes = this.#routes.get(host)!
    const { locations, taken } = placeRoutes(routes.map(({ route }) => route))
    for (const { route, by } of taken) {
      const { ingress } = routes.find((one) => one.route === route)!
      const message = `host ${JSON.stringify(host || '*')} and path ${JSON.stringify(route.path)} are routed by Ingress ${by} already`
      if (by !== objectKey(ingress)) this.#problems.push({ ingress, reason: 'Rejected', message })
    }
    const certificate = this.#certificates.of(host)
    const appRoot = this.#appRoots.get(host)
    return { host, locations, ...(certificate ? { certificate } : {}), ...(appRoot ? { appRoot } : {}) }
  }
}

type Asked = Pick<Route, 'type' | 'path' | 'fallback'>

/** An Ingress whose annotations were read. */
interface Read {
  ingress: Ingress
  settings: Settings
  reject: (message: string) => void
}

const typeOf = (pathType: string): PathType =>
  pathType === 'Exact' || pathType === 'Prefix' ? pathType : 'ImplementationSpecific'

const isSamePlace = (a: Asked, b: Asked): boolean => a.type === b.type && a.path === b.path && a.fallback === b.fallback

/** The oldest first, of the same age by name. */
function byAge(a: Ingress, b: Ingress): number {
  const left = `${a.metadata.creationTimestamp ?? ''} ${objectKey(a)}`
  const right = `${b.metadata.creationTimestamp ?? ''} ${objectKey(b)}`
  return left < right ? -1 : 1
}
