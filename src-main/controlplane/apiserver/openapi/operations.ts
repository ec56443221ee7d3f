import type { ServedResource } from '../resources.ts'
import { findSchema } from '../../../../src-kube/machinery/schema/index.ts'
import { formatApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import type { Subresource } from '../../../../src-kube/kinds/descriptor.ts'
import { customName } from './custom.ts'
import { definitionName, type Dialect } from './definitions.ts'

/** What a document says of a resource. */
export interface Described {
  apiVersion: string
  served: Pick<ServedResource['served'], 'group' | 'version' | 'custom'>
  descriptor: Pick<ServedResource['descriptor'], 'kind' | 'listKind' | 'plural' | 'scope' | 'selectableFields'> & {
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

export type Gvk = ReturnType<typeof speaks>
type Method = 'get' | 'put' | 'post' | 'patch' | 'delete'

/** Parameters by which clients see that the server validates fields and runs dry (kubectl, "Server-side field validation"). */
const WRITE_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation']

/** What can be done with a resource, by path: the first is that of its list. `path`: `apis/apps/v1`. */
export function operations(
  described: Described,
  path: string,
  dialect: Dialect,
): Record<string, Record<string, unknown>> {
  const { served, descriptor } = described
  const namespaced = descriptor.scope === 'Namespaced'
  const base = `/${path}/${namespaced ? 'namespaces/{namespace}/' : ''}${descriptor.plural}`
  const gvk = { group: served.group, version: served.version, kind: descriptor.kind }
  const body = reference(gvk, served.custom !== undefined, dialect)
  const id = `${gvk.group}${gvk.version}${gvk.kind}`
  const one = (action: string, writes = false): object => operation({ action, writes, gvk, id, body }, dialect)
  const parameters = [parameter('name', 'path', dialect)]
  return {
    [base]: { get: one('list'), post: one('post', true) },
    [`${base}/{name}`]: {
      get: one('get'),
      put: one('put', true),
      patch: one('patch', true),
      delete: one('delete'),
      parameters,
    },
    ...Object.fromEntries(
      (descriptor.subresources ?? []).map((sub) => [
        `${base}/{name}/${sub.name}`,
        { ...ofSubresource(sub, described, dialect), parameters },
      ]),
    ),
    ...(namespaced
      ? {
          [`/${path}/${descriptor.plural}`]: {
            get: operation({ action: 'list', writes: false, gvk, id: `${id}ForAllNamespaces`, body }, dialect),
          },
        }
      : {}),
  }
}

const METHODS: Record<string, Method> = { get: 'get', update: 'put', create: 'post', patch: 'patch', delete: 'delete' }
const CONNECTIONS = new Set(['attach', 'exec', 'portforward', 'proxy'])

/** Whether a subresource is a stream to a pod, a node or a service: no objects are sent there. */
export const isConnection = ({ name }: Subresource): boolean => CONNECTIONS.has(name)

function ofSubresource(sub: Subresource, { served, descriptor }: Described, dialect: Dialect): Record<string, object> {
  const gvk = speaks(sub, served)
  const custom = served.custom !== undefined && sub.kind === descriptor.kind
  const connects = isConnection(sub)
  const body = connects || sub.name === 'log' ? { type: 'string' } : reference(gvk, custom, dialect)
  const id = `${served.group}${served.version}${descriptor.kind}${sub.name}`
  const methods = sub.verbs.flatMap((verb) => METHODS[verb] ?? [])
  return Object.fromEntries(
    methods.map((method) => {
      const writes = method !== 'get' && method !== 'delete' && !connects
      const action = connects ? 'connect' : method
      return [method, operation({ action, method, writes, gvk, id, body }, dialect)]
    }),
  )
}

function reference(gvk: Gvk, custom: boolean, { prefix }: Dialect): object {
  const apiVersion = formatApiVersion(gvk.group, gvk.version)
  const schema = custom ? undefined : findSchema(apiVersion, gvk.kind)
  const name = custom ? customName(apiVersion, gvk.kind) : schema && definitionName(schema)
  return name ? { $ref: `${prefix}${name}` } : { type: 'object' }
}

interface Operation {
  action: string
  method?: Method
  writes: boolean
  gvk: Gvk
  /** What is operated on; the only one of its name with this action. */
  id: string
  body: object
}

function operation({ action, method, writes, gvk, id, body }: Operation, dialect: Dialect): object {
  const verb = method && method !== action ? `${action}${method}` : action
  return {
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
    operationId: `${verb}${id}`,
    ...(writes ? { parameters: WRITE_PARAMETERS.map((name) => parameter(name, 'query', dialect)) } : {}),
    responses: { 200: answer(body, dialect) },
  }
}

function parameter(name: string, place: 'query' | 'path', { prefix }: Dialect): object {
  const type = { type: 'string', uniqueItems: true }
  return {
    name,
    in: place,
    ...(place === 'path' ? { required: true } : {}),
    ...(prefix === '#/definitions/' ? type : { schema: type }),
  }
}

function answer(schema: object, { prefix }: Dialect): object {
  return prefix === '#/definitions/'
    ? { description: 'OK', schema }
    : { description: 'OK', content: { 'application/json': { schema } } }
}
