import type { ServedResource } from '../resources.ts'
import type { Subresource } from '../../../../src-kube/kinds/descriptor.ts'
import { formatApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import { findSchema } from '../../../../src-kube/machinery/schema/index.ts'
import { returnsObject } from '../verbs/returned-objects.ts'
import { customName } from './custom.ts'
import { definitionName, type Dialect } from './definitions.ts'
import { metaReference } from './meta.ts'
import { operationId, subject, tagOf } from './names.ts'
import { render, type Body, type Operation } from './operation.ts'
import { queryParameters, pathParameter, queryParameter } from './parameters.ts'

/** What a document says of a resource. */
export interface Described {
  apiVersion: string
  served: Pick<ServedResource['served'], 'group' | 'version' | 'custom'>
  descriptor: Pick<
    ServedResource['descriptor'],
    'kind' | 'listKind' | 'plural' | 'scope' | 'verbs' | 'selectableFields'
  > & {
    subresources?: readonly Subresource[]
  }
}

/** Group, version and kind that a subresource speaks: its own or its parent's. */
export function speaks(
  sub: Subresource,
  served: Described['served'],
): { group: string; version: string; kind: string } {
  const group = sub.group ?? (sub.version === undefined ? served.group : '')
  return { group, version: sub.version ?? served.version, kind: sub.kind }
}

/** Group, version and kind as `x-kubernetes-group-version-kind` has them, by which kubectl finds the schema of an object. */
export type Gvk = ReturnType<typeof speaks>
type PathItem = Record<string, unknown>

const connections = new Set(['attach', 'exec', 'portforward', 'proxy'])

/** Whether a subresource is a stream to a pod, a node or a service: no objects are sent there. */
export const isConnection = ({ name }: Subresource): boolean => connections.has(name)

/** What can be done with a resource, by path (kubernetes.io, "Kubernetes API Concepts"). `path`: `apis/apps/v1`. */
export function operations(described: Described, path: string, dialect: Dialect): Record<string, PathItem> {
  const all = new ResourcePaths(described, path, dialect).all()
  return Object.fromEntries(
    Object.entries(all).filter(([, item]) => Object.keys(item).some((key) => key !== 'parameters')),
  )
}

const mediaTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
const customMedia = mediaTypes.slice(0, 2)
const streams = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']
const patches = ['json-patch+json', 'merge-patch+json', 'strategic-merge-patch+json', 'apply-patch+yaml'].map(
  (form) => `application/${form}`,
)
const customPatches = patches.filter((form) => !form.includes('strategic'))

/** Verbs of resources: the method, upstream's name for it, and the codes of answers with an object. */
const resourceVerbs = {
  get: { method: 'get', name: 'read', says: 'Reads', codes: [200] },
  list: { method: 'get', name: 'list', says: 'Lists or watches', codes: [200] },
  create: { method: 'post', name: 'create', says: 'Creates', codes: [200, 201, 202] },
  update: { method: 'put', name: 'replace', says: 'Replaces', codes: [200, 201] },
  patch: { method: 'patch', name: 'patch', says: 'Changes parts of', codes: [200, 201] },
  delete: { method: 'delete', name: 'delete', says: 'Deletes', codes: [200, 202] },
  deletecollection: { method: 'delete', name: 'delete', says: 'Deletes all that is selected of', codes: [200] },
} as const
type Verb = keyof typeof resourceVerbs
const connecting = ['get', 'put', 'post', 'patch', 'delete', 'head', 'options']

class ResourcePaths {
  readonly #described: Described
  readonly #path: string
  readonly #dialect: Dialect
  readonly #gvk: Gvk
  readonly #namespaced: boolean

  constructor(described: Described, path: string, dialect: Dialect) {
    const { served, descriptor } = described
    this.#described = described
    this.#path = path
    this.#dialect = dialect
    this.#gvk = { group: served.group, version: served.version, kind: descriptor.kind }
    this.#namespaced = descriptor.scope === 'Namespaced'
  }

  all(): Record<string, PathItem> {
    const { kind, plural, subresources = [] } = this.#described.descriptor
    const own = `${this.#namespaced ? 'namespaces/{namespace}/' : ''}${plural}`
    const base = `/${this.#path}/${own}`
    return {
      [base]: { ...this.#verbs(['list', 'create', 'deletecollection']), parameters: this.#places() },
      [`${base}/{name}`]: {
        ...this.#verbs(['get', 'update', 'patch', 'delete']),
        parameters: this.#places('name'),
      },
      ...Object.assign({}, ...subresources.map((sub) => this.#subresource(sub, `${base}/{name}/${sub.name}`))),
      ...(this.#namespaced
        ? {
            [`/${this.#path}/${plural}`]: {
              ...this.#verbs(['list'], `${kind}ForAllNamespaces`),
              parameters: this.#pretty(),
            },
          }
        : {}),
      ...(this.#custom ? {} : this.#watches(own)),
    }
  }

  get #custom(): boolean {
    return this.#described.served.custom !== undefined
  }

  /** `rest`: what the operations of these verbs are about, as their ids end. */
  #verbs(verbs: readonly Verb[], rest = subject(this.#gvk.kind, this.#namespaced)): PathItem {
    const { verbs: allowed } = this.#described.descriptor
    const { group, version } = this.#gvk
    return Object.fromEntries(
      verbs
        .filter((verb) => allowed.includes(verb))
        .map((verb) => {
          const id = operationId(
            resourceVerbs[verb].name,
            group,
            version,
            `${verb === 'deletecollection' ? 'Collection' : ''}${rest}`,
          )
          const about = { action: verb === 'create' ? 'post' : verb === 'update' ? 'put' : verb, gvk: this.#gvk }
          return [resourceVerbs[verb].method, this.#operation(verb, { id, about, answer: this.#answer(verb) })]
        }),
    )
  }

  #answer(verb: Verb): object {
    const { kind, listKind, plural } = this.#described.descriptor
    const status = verb === 'deletecollection' || (verb === 'delete' && !returnsObject(this.#gvk.group, plural))
    if (status) return metaReference('Status', this.#dialect)
    return this.#reference({ ...this.#gvk, kind: verb === 'list' ? listKind : kind })
  }

  #operation(
    verb: Verb,
    said: Pick<Operation, 'id'> & { about: { action: string; gvk: Gvk }; answer: object },
  ): object {
    const { says, codes } = resourceVerbs[verb]
    const { id, about, answer } = said
    const media = this.#custom ? customMedia : mediaTypes
    const body = this.#body(verb, this.#reference(about.gvk))
    const operation: Operation = {
      id,
      tag: tagOf(this.#gvk.group, this.#gvk.version),
      description: `${says} ${about.gvk.kind}.`,
      about,
      parameters: (queryParameters[verb] ?? []).map((name) => queryParameter(name, this.#dialect)),
      ...(body ? { body } : {}),
      answers: Object.fromEntries(codes.map((code) => [code, answer])),
      produces: verb === 'list' ? [...media, ...streams.slice(0, media.length - 1)] : media,
    }
    return render(operation, this.#dialect)
  }

  #body(verb: Verb, schema: object): Body | undefined {
    if (verb === 'create' || verb === 'update') return { schema, consumes: ['*/*'], required: true }
    if (verb === 'patch') {
      const consumes = this.#custom ? customPatches : patches
      return { schema: metaReference('Patch', this.#dialect), consumes, required: true }
    }
    if (!verb.startsWith('delete')) return undefined
    return { schema: metaReference('DeleteOptions', this.#dialect), consumes: ['*/*'], required: false }
  }

  #subresource(sub: Subresource, path: string): Record<string, PathItem> {
    if (isConnection(sub)) return this.#connection(sub, path)
    const { kind } = this.#described.descriptor
    const gvk = speaks(sub, this.#described.served)
    const rest = subject(kind, this.#namespaced, sub.name)
    const item = Object.fromEntries(
      sub.verbs
        .filter((verb) => verb in resourceVerbs)
        .map((name) => {
          const verb = name as Verb
          const id = operationId(resourceVerbs[verb].name, this.#gvk.group, this.#gvk.version, rest)
          const about = { action: verb === 'create' ? 'post' : verb === 'update' ? 'put' : verb, gvk }
          return [
            resourceVerbs[verb].method,
            sub.name === 'log'
              ? this.#log(id, about)
              : this.#operation(verb, { id, about, answer: this.#reference(gvk) }),
          ]
        }),
    )
    return { [path]: { ...item, parameters: this.#places('name') } }
  }

  #log(id: string, about: Operation['about']): object {
    return this.#plain({
      id,
      ...(about ? { about } : {}),
      names: queryParameters['log']!,
      produces: ['text/plain', ...mediaTypes],
    })
  }

  #connection(sub: Subresource, path: string): Record<string, PathItem> {
    const methods = sub.name === 'proxy' ? connecting : ['get', 'post']
    const item = (suffix: string): PathItem =>
      Object.fromEntries(
        methods.map((method) => {
          const way = method.charAt(0).toUpperCase() + method.slice(1)
          const rest = `${way}${subject(this.#gvk.kind, this.#namespaced, sub.name)}${suffix}`
          const id = operationId('connect', this.#gvk.group, this.#gvk.version, rest)
          const about = { action: 'connect', gvk: speaks(sub, this.#described.served) }
          return [method, this.#plain({ id, about, names: queryParameters[sub.name]!, produces: ['*/*'] })]
        }),
      )
    const parameters = this.#places('name').slice(0, -1)
    const whole = { [path]: { ...item(''), parameters } }
    if (sub.name !== 'proxy') return whole
    const rest = pathParameter('path', 'What follows in the path.', this.#dialect)
    return { ...whole, [`${path}/{path}`]: { ...item('WithPath'), parameters: [...parameters, rest] } }
  }

  /** An operation that is answered with no object. */
  #plain(said: Pick<Operation, 'id' | 'about' | 'produces'> & { names: readonly string[] }): object {
    const { names, ...rest } = said
    const operation: Operation = {
      ...rest,
      tag: tagOf(this.#gvk.group, this.#gvk.version),
      description: `Connects with ${this.#gvk.kind}.`,
      parameters: names.map((name) => queryParameter(name, this.#dialect)),
      answers: { 200: { type: 'string' } },
    }
    return render(operation, this.#dialect)
  }

  /** Watches of before `watch` was a parameter: deprecated, and still what some clients ask for. */
  #watches(own: string): Record<string, PathItem> {
    const { plural, kind, verbs } = this.#described.descriptor
    if (!verbs.includes('watch')) return {}
    const root = `/${this.#path}/watch`
    const of = (rest: string, action: string, ...places: object[]): PathItem => ({
      get: this.#watch(operationId('watch', this.#gvk.group, this.#gvk.version, rest), action),
      parameters: places,
    })
    const subjectOf = subject(kind, this.#namespaced)
    return {
      [`${root}/${own}`]: of(`${subjectOf}List`, 'watchlist', ...this.#places()),
      [`${root}/${own}/{name}`]: of(subjectOf, 'watch', ...this.#places('name')),
      ...(this.#namespaced
        ? { [`${root}/${plural}`]: of(`${kind}ListForAllNamespaces`, 'watchlist', ...this.#pretty()) }
        : {}),
    }
  }

  #watch(id: string, action: string): object {
    const operation: Operation = {
      id,
      tag: tagOf(this.#gvk.group, this.#gvk.version),
      description: `Deprecated: list with "watch" instead.`,
      about: { action, gvk: this.#gvk },
      parameters: queryParameters['list']!.map((name) => queryParameter(name, this.#dialect)),
      answers: { 200: metaReference('WatchEvent', this.#dialect) },
      produces: [...mediaTypes, ...streams],
    }
    return render(operation, this.#dialect)
  }

  #pretty(): object[] {
    return [queryParameter('pretty', this.#dialect)]
  }

  /** Parameters of a path, `pretty` last. */
  #places(name?: 'name'): object[] {
    const { kind } = this.#described.descriptor
    return [
      ...(name ? [pathParameter('name', `Name of the ${kind}.`, this.#dialect)] : []),
      ...(this.#namespaced ? [pathParameter('namespace', 'The namespace.', this.#dialect)] : []),
      ...this.#pretty(),
    ]
  }

  #reference({ group, version, kind }: Gvk): object {
    const { served, descriptor } = this.#described
    const apiVersion = formatApiVersion(group, version)
    const own = served.custom !== undefined && (kind === descriptor.kind || kind === descriptor.listKind)
    const schema = own ? undefined : findSchema(apiVersion, kind)
    const name = own ? customName(apiVersion, kind) : schema && definitionName(schema)
    return name ? { $ref: `${this.#dialect.prefix}${name}` } : { type: 'object' }
  }
}
