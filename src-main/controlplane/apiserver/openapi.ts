import { setImmediate } from 'node:timers/promises'
import { formatApiVersion } from '../../../src-kube/machinery/gvk.ts'
import { findSchema } from '../../../src-kube/machinery/schema/index.ts'
import type { Description } from './aggregation/descriptions.ts'
import { contentOf, publish, type Published } from './http/published.ts'
import { addCustomKind } from './openapi/custom.ts'
import { addDefinition, definitionName, type Dialect } from './openapi/definitions.ts'
import { generalPaths, versionPath } from './openapi/discovery-paths.ts'
import { readDocs, type Docs } from './openapi/docs.ts'
import { addMetaTypes } from './openapi/meta.ts'
import { isConnection, operations, speaks, type Described, type Gvk } from './openapi/operations.ts'
import { sharedParameters } from './openapi/parameters.ts'
import { merged } from './openapi/merge.ts'
import { encodeOpenapiV2 } from './openapi/protobuf.ts'
import { encodeOpenapiV3 } from './openapi/protobuf-v3.ts'
import { tellOnce } from './openapi/tell-once.ts'
import type { ResourceTable } from './resources.ts'
import { virtualResources } from './virtual.ts'

const v3: Dialect = { prefix: '#/components/schemas/' }
const v2: Dialect = { prefix: '#/definitions/' }
const info = { title: 'Kubernetes', version: 'v1.36.0+drydock' }

/** Clients ask for it with an `@` before the version, which no content type may hold (RFC 9110). */
export const OPENAPI_V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'

export const OPENAPI_V3_PROTOBUF = 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf'

/** The documents of a table of resources, by their paths. Each is made at the first question for it and kept compressed. */
const published = new WeakMap<ResourceTable, Map<string, Published>>()

function once(resources: ResourceTable, key: string, make: () => Published): Published {
  const documents = published.get(resources) ?? new Map<string, Published>()
  published.set(resources, documents)
  const known = documents.get(key)
  if (known) return known
  const made = make()
  documents.set(key, made)
  return made
}

/** Documents of group versions in which nothing changed are those of the table before. */
export function keepDocuments(before: ResourceTable, now: ResourceTable): void {
  const known = published.get(before)
  if (!known) return
  const kept = new Map<string, Published>()
  for (const apiVersion of versionsOf(now)) {
    const path = pathOf(apiVersion)
    const document = known.get(path)
    const [old, current] = [before.resources(apiVersion), now.resources(apiVersion)]
    const same = old.length === current.length && old.every(({ served }, i) => served === current[i]!.served)
    if (document && same) kept.set(path, document)
  }
  for (const path of Object.keys(generalPaths(groupsOf(now), v3))) {
    const document = known.get(path)
    if (document) kept.set(path, document)
  }
  published.set(now, kept)
}

/**
 * `/openapi/v3`: one document a group and version, with a hash that clients cache by. Other requests get their turn between the documents.
 *
 * @param others where other servers have theirs, by path
 */
export async function openapiIndex(
  resources: ResourceTable,
  others: Readonly<Record<string, string>> = {},
): Promise<Published> {
  const paths: Record<string, object> = Object.fromEntries(
    Object.entries(others).map(([path, serverRelativeURL]) => [path, { serverRelativeURL }]),
  )
  let docs: Docs | undefined
  const words = (): Docs => (docs ??= readDocs())
  for (const apiVersion of versionsOf(resources)) {
    const path = pathOf(apiVersion)
    paths[path] = linkTo(path, documentOf(resources, apiVersion, words))
    await setImmediate()
  }
  for (const path of Object.keys(generalPaths(groupsOf(resources), v3)))
    paths[path] = linkTo(path, generalDocument(resources, path, words)!)
  return publish(JSON.stringify({ paths }))
}

const linkTo = (path: string, { hash }: Published): object => ({
  serverRelativeURL: `/openapi/v3/${path}?hash=${hash}`,
})

const pathOf = (apiVersion: string): string => (apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`)

/** The document of `api/v1`, `apis/<group>/<version>` or of general paths (`api`, `apis/<group>`, `version` …); undefined for unknown ones. */
export function openapiDocument(resources: ResourceTable, path: string): Published | undefined {
  const apiVersion = versionsOf(resources).find((version) => pathOf(version) === path)
  return apiVersion ? documentOf(resources, apiVersion, readDocs) : generalDocument(resources, path, readDocs)
}

function generalDocument(resources: ResourceTable, path: string, words: () => Docs): Published | undefined {
  const general = generalPaths(groupsOf(resources), v3)[path]
  if (!general) return undefined
  return once(resources, path, () => {
    const schemas: Record<string, unknown> = {}
    addMetaTypes(schemas, v3, words(), general.answers)
    return publish(JSON.stringify({ openapi: '3.0.0', info, paths: general.paths, components: { schemas } }))
  })
}

/** {@link openapiDocument} as protocol buffers, under the same hash. */
export function openapiDocumentProtobuf(resources: ResourceTable, path: string): Published | undefined {
  const document = openapiDocument(resources, path)
  if (!document) return undefined
  return once(resources, `${path} protobuf`, () => {
    const bytes = encodeOpenapiV3(JSON.parse(contentOf(document).toString()) as object)
    return { ...publish(bytes, OPENAPI_V3_PROTOBUF), hash: document.hash }
  })
}

function documentOf(resources: ResourceTable, apiVersion: string, words: () => Docs): Published {
  const path = pathOf(apiVersion)
  return once(resources, path, () => {
    const docs = words()
    const schemas: Record<string, unknown> = {}
    const paths: Record<string, unknown> = {}
    addMetaTypes(schemas, v3, docs)
    addVersion({ schemas, paths }, resources, apiVersion, { dialect: v3, docs })
    tellOnce(schemas)
    const components = { schemas, parameters: sharedParameters(v3) }
    return publish(JSON.stringify({ openapi: '3.0.0', info, paths, components }))
  })
}

/** `/openapi/v2`: everything in one document, also what other servers say of theirs. */
export function openapiV2Document(resources: ResourceTable, others: readonly Description[] = []): Published {
  return together(resources, 'v2', others, (document) => publish(JSON.stringify(document)))
}

/** {@link openapiV2Document} as protocol buffers. */
export function openapiV2Protobuf(resources: ResourceTable, others: readonly Description[] = []): Published {
  return together(resources, 'v2 protobuf', others, (document) =>
    publish(encodeOpenapiV2(document), OPENAPI_V2_PROTOBUF),
  )
}

/** Kept under `key`; of documents with what others say only the newest is. */
function together(
  resources: ResourceTable,
  key: string,
  others: readonly Description[],
  make: (document: object) => Published,
): Published {
  if (others.length === 0) return once(resources, key, () => make(documentV2(resources)))
  const tags = others.map(({ tag }) => tag).join(' ')
  const known = withOthers.get(resources) ?? new Map<string, { tags: string; document: Published }>()
  withOthers.set(resources, known)
  let newest = known.get(key)
  if (newest?.tags !== tags) {
    const all = others.map(({ part }) => part)
    known.set(key, (newest = { tags, document: make(merged(documentV2(resources), all)) }))
  }
  return newest.document
}

const withOthers = new WeakMap<ResourceTable, Map<string, { tags: string; document: Published }>>()

function documentV2(resources: ResourceTable): object {
  const docs = readDocs()
  const definitions: Record<string, unknown> = {}
  const paths: Record<string, unknown> = Object.assign(
    {},
    ...Object.values(generalPaths(groupsOf(resources), v2)).map((one) => one.paths),
  )
  addMetaTypes(definitions, v2, docs)
  for (const apiVersion of versionsOf(resources))
    addVersion({ schemas: definitions, paths }, resources, apiVersion, { dialect: v2, docs })
  tellOnce(definitions)
  return { swagger: '2.0', info, paths, definitions, parameters: sharedParameters(v2) }
}

const groupsOf = (resources: ResourceTable): string[] => [
  ...new Set(versionsOf(resources).flatMap((version) => (version.includes('/') ? [version.split('/')[0]!] : []))),
]

/** Group versions of what is stored and of what only answers. */
const versionsOf = (resources: ResourceTable): string[] => [
  ...new Set([...resources.apiVersions, ...virtualResources.map((one) => formatApiVersion(one.group, one.version))]),
]

/** A document in the making. */
interface Draft {
  schemas: Record<string, unknown>
  paths: Record<string, unknown>
}

/** Adds the kinds of a group version and what can be done with them. */
function addVersion(
  { schemas, paths }: Draft,
  resources: ResourceTable,
  apiVersion: string,
  { dialect, docs }: { dialect: Dialect; docs: Docs },
): void {
  const path = pathOf(apiVersion)
  Object.assign(paths, versionPath(apiVersion, path, dialect))
  for (const resource of resources.resources(apiVersion)) {
    addKind(schemas, resource, dialect, docs)
    Object.assign(paths, operations(resource, path, dialect))
  }
  for (const { group, version, kind, plural, namespaced, verbs = ['create'] } of virtualResources) {
    if (formatApiVersion(group, version) !== apiVersion) continue
    const scope = namespaced ? 'Namespaced' : 'Cluster'
    const descriptor = { kind, listKind: `${kind}List`, plural, scope, verbs } as const
    const resource = { apiVersion, served: { group, version }, descriptor }
    addKind(schemas, resource, dialect, docs)
    Object.assign(paths, operations(resource, path, dialect))
  }
}

interface Definition {
  properties: Record<string, { description?: string } | undefined>
  [extension: string]: unknown
}

const CONVENTIONS = 'More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md'

/** The fields that every kind has in common, where the declarations have no words for them: of old versions. `kind` is undefined for lists. */
function describeConvention(
  properties: Definition['properties'],
  kind: string | undefined,
  hasWords: (field: string) => boolean,
): void {
  const say = (field: string, words: string): void => {
    if (properties[field] && !hasWords(field)) properties[field].description = words
  }
  if (!kind) return say('metadata', `Standard list metadata. ${CONVENTIONS}#types-kinds`)
  say('metadata', `Standard object's metadata. ${CONVENTIONS}#metadata`)
  say('spec', `What is wanted of the ${kind}. ${CONVENTIONS}#spec-and-status`)
  say('status', `What was last observed of the ${kind}; read-only for users. ${CONVENTIONS}#spec-and-status`)
}

function addKind(
  into: Record<string, unknown>,
  { apiVersion, served, descriptor }: Described,
  dialect: Dialect,
  docs: Docs,
): void {
  const add = (gvk: Gvk): void => {
    const schema = findSchema(formatApiVersion(gvk.group, gvk.version), gvk.kind)
    if (!schema) return
    addDefinition(into, schema, dialect, docs)
    const definition = into[definitionName(schema)] as Definition
    definition['x-kubernetes-group-version-kind'] = [gvk]
    const kind = gvk.kind === descriptor.listKind ? undefined : gvk.kind
    describeConvention(definition.properties, kind, (field) => docs(schema, field) !== undefined)
  }
  if (served.custom) addCustomKind(into, { apiVersion, descriptor, custom: served.custom }, dialect, docs)
  else
    for (const kind of [descriptor.kind, descriptor.listKind])
      add({ group: served.group, version: served.version, kind })
  for (const sub of descriptor.subresources ?? [])
    if (sub.kind !== descriptor.kind && !isConnection(sub)) add(speaks(sub, served))
}
