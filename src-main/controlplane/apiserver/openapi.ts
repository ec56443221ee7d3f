import { createHash } from 'node:crypto'
import { findSchema } from '../../../src-kube/machinery/schema/index.ts'
import { addDefinition, definitionName, type Dialect, type Docs } from './openapi/definitions.ts'
import { encodeOpenapiV2 } from './openapi/protobuf.ts'
import type { ResourceTable, ServedResource } from './resources.ts'

/** Field documentation is put in at build time where it is available. */
const docs: Docs = () => undefined

const V3: Dialect = { prefix: '#/components/schemas/' }
const V2: Dialect = { prefix: '#/definitions/' }

/** Documents are made at the first question and kept as bytes: some hundred kilobytes each. */
const documents = new Map<string, Buffer>()

/** `/openapi/v3`: one document a group and version, with a hash that clients cache by. */
export function openapiIndex(resources: ResourceTable): object {
  const paths: Record<string, object> = {}
  for (const apiVersion of resources.apiVersions) {
    const path = pathOf(apiVersion)
    const hash = createHash('sha512').update(openapiDocument(resources, path)!).digest('hex').toUpperCase()
    paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }
  }
  return { paths }
}

const pathOf = (apiVersion: string): string => (apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`)

/** The document of `api/v1` or `apis/<group>/<version>`; undefined for unknown ones. */
export function openapiDocument(resources: ResourceTable, path: string): Buffer | undefined {
  const known = documents.get(path)
  if (known) return known
  const apiVersion = resources.apiVersions.find((version) => pathOf(version) === path)
  if (!apiVersion) return undefined
  const schemas: Record<string, unknown> = {}
  const paths: Record<string, unknown> = {}
  for (const resource of resources.resources(apiVersion)) {
    addKind(schemas, resource, V3)
    Object.assign(paths, operations(resource, path, V3))
  }
  const document = {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.36.0+drydock' },
    paths,
    components: { schemas },
  }
  const bytes = Buffer.from(JSON.stringify(document))
  documents.set(path, bytes)
  return bytes
}

/** `/openapi/v2`: everything in one document. */
export function openapiV2Document(resources: ResourceTable): Buffer {
  const known = documents.get('v2')
  if (known) return known
  const definitions: Record<string, unknown> = {}
  const paths: Record<string, unknown> = {}
  for (const apiVersion of resources.apiVersions) {
    for (const resource of resources.resources(apiVersion)) {
      addKind(definitions, resource, V2)
      Object.assign(paths, operations(resource, pathOf(apiVersion), V2))
    }
  }
  const document = { swagger: '2.0', info: { title: 'Kubernetes', version: 'v1.36.0+drydock' }, paths, definitions }
  const bytes = Buffer.from(JSON.stringify(document))
  documents.set('v2', bytes)
  return bytes
}

/** {@link openapiV2Document} as protocol buffers. */
export function openapiV2Protobuf(resources: ResourceTable): Buffer {
  let bytes = documents.get('v2 protobuf')
  if (!bytes) {
    bytes = encodeOpenapiV2(JSON.parse(openapiV2Document(resources).toString()) as object)
    documents.set('v2 protobuf', bytes)
  }
  return bytes
}

function addKind(
  into: Record<string, unknown>,
  { apiVersion, served, descriptor }: ServedResource,
  dialect: Dialect,
): void {
  const gvk = { group: served.group, version: served.version }
  for (const kind of [descriptor.kind, descriptor.listKind]) {
    const schema = findSchema(apiVersion, kind)
    if (!schema) continue
    addDefinition(into, schema, dialect, docs)
    const definition = into[definitionName(schema)] as Record<string, unknown>
    definition['x-kubernetes-group-version-kind'] = [{ ...gvk, kind }]
  }
}

/** Parameters by which clients see that the server validates fields and runs dry (kubectl, "Server-side field validation"). */
const WRITE_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation']

function operations(
  { served, descriptor, apiVersion }: ServedResource,
  path: string,
  dialect: Dialect,
): Record<string, unknown> {
  const base = `/${path}/${descriptor.scope === 'Namespaced' ? 'namespaces/{namespace}/' : ''}${descriptor.plural}`
  const gvk = { group: served.group, version: served.version, kind: descriptor.kind }
  const schema = findSchema(apiVersion, descriptor.kind)
  const body = schema ? { $ref: `${dialect.prefix}${definitionName(schema)}` } : { type: 'object' }
  const operation = (action: string, writes: boolean): object => ({
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
    operationId: `${action}${served.group}${served.version}${descriptor.kind}`,
    ...(writes ? { parameters: WRITE_PARAMETERS.map((name) => parameter(name, 'query', dialect)) } : {}),
    responses: { 200: answer(body, dialect) },
  })
  return {
    [base]: { get: operation('list', false), post: operation('post', true) },
    [`${base}/{name}`]: {
      get: operation('get', false),
      put: operation('put', true),
      patch: operation('patch', true),
      delete: operation('delete', false),
      parameters: [parameter('name', 'path', dialect)],
    },
  }
}

function parameter(name: string, place: 'query' | 'path', dialect: Dialect): object {
  const type = { type: 'string', uniqueItems: true }
  return {
    name,
    in: place,
    ...(place === 'path' ? { required: true } : {}),
    ...(dialect === V2 ? type : { schema: type }),
  }
}

function answer(schema: object, dialect: Dialect): object {
  return dialect === V2
    ? { description: 'OK', schema }
    : { description: 'OK', content: { 'application/json': { schema } } }
}
