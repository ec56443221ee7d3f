import { StatusError } from '../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { ClusterContext } from './context.ts'
import type { FoundResource } from '../kinds/catalog.ts'
import { valueAt } from './field-value.ts'
import { pathOf, type Answer, type Kube } from './kube.ts'
import { readManifests, toYaml, type ManifestDocument } from './yaml.ts'

/** A field of the text that belongs to another, who gave it another value. */
export interface FieldConflict {
  /** `.spec.replicas` */
  field: string
  owner: string
  theirs: unknown
  mine: unknown
}

/** What became of one manifest. */
export interface ApplyResult {
  line: number
  /** `Deployment default/web`, or the first words of what is no manifest. */
  title: string
  /** `conflict`: nothing was changed, because fields belong to others. */
  outcome: 'created' | 'configured' | 'unchanged' | 'failed' | 'conflict'
  warnings: string[]
  /** The server's own words, and what it says of each field. */
  error?: { message: string; causes: string[]; code?: number | undefined }
  conflicts?: FieldConflict[]
  /** What stood there before and what stands (or would stand) now, as YAML. */
  before?: string
  after?: string
}

/** How manifests are applied, as one. */
export interface ApplyOptions {
  /** Of objects that name none. */
  namespace: string
  /** Positions of documents, from 0, whose fields may be taken from others. */
  takeOver?: ReadonlySet<number>
  /** Applies what can be applied although other documents fail. */
  anyway?: boolean
}

/** What became of each document, in their order. */
export interface ApplyRun {
  /** Whether anything was stored: not, when the dry run before it failed. */
  stored: boolean
  results: ApplyResult[]
}

type Cluster = Pick<ClusterContext, 'kube'>

const manager = 'drydock'
const strict = { fieldManager: manager, fieldValidation: 'Strict' }

/** Asks the server what an apply would do; nothing is stored. */
export async function tryText(cluster: Cluster, text: string, options: ApplyOptions): Promise<ApplyResult[]> {
  return applyAll(cluster, readManifests(text), options, { dryRun: true })
}

/**
 * Applies every document of a text, in order, after a dry run of all of them: one that fails, or would take fields from others,
 * keeps all from being stored unless `options` say otherwise.
 */
export async function applyText(cluster: Cluster, text: string, options: ApplyOptions): Promise<ApplyRun> {
  const documents = readManifests(text)
  const tried = await applyAll(cluster, documents, options, { dryRun: true })
  const makesPlaces = documents.some(({ object }) => object && placeKinds.has(object.kind))
  // What an earlier document makes room for cannot be tried before it stands.
  const good = tried.map((r) => (r.error ? makesPlaces && r.error.code === 404 : r.outcome !== 'conflict'))
  if (!options.anyway && good.includes(false)) return { stored: false, results: tried }
  const results = await applyAll(cluster, documents, options, { skip: (at) => (good[at] ? undefined : tried[at]!) })
  return { stored: good.includes(true), results }
}

/** Kinds that others need to stand before they can be made. */
const placeKinds = new Set(['Namespace', 'CustomResourceDefinition'])

interface How {
  dryRun?: boolean
  /** What is known of a document that is left out. */
  skip?(at: number): ApplyResult | undefined
}

async function applyAll(
  cluster: Cluster,
  documents: readonly ManifestDocument[],
  { namespace, takeOver }: ApplyOptions,
  { dryRun = false, skip }: How,
): Promise<ApplyResult[]> {
  const results: ApplyResult[] = []
  for (const [at, document] of documents.entries()) {
    const run = () =>
      applyDocument(cluster, document, { dryRun, namespace, force: takeOver?.has(at) === true }).catch(
        (error: unknown) => failed(document, error),
      )
    results.push(skip?.(at) ?? (await run()))
  }
  return results
}

async function applyDocument(
  cluster: Cluster,
  document: ManifestDocument,
  options: { dryRun: boolean; namespace: string; force: boolean },
): Promise<ApplyResult> {
  const { object, problem } = document
  if (!object) throw new Error(problem)
  const { kube } = cluster
  const resource = await resourceOf(cluster, object)
  const namespace = resource.namespaced ? (object.metadata.namespace ?? options.namespace) : undefined
  const { name } = object.metadata
  const query = { ...strict, ...(options.dryRun ? { dryRun: 'All' } : {}) }
  const before = name ? await kube.get(pathOf(resource, { namespace, name })).catch(ignoreMissing) : undefined
  const result: Pick<ApplyResult, 'line' | 'title'> = { line: document.line, title: titleOf(before ?? object) }
  try {
    const done = name
      ? await patch(kube, pathOf(resource, { namespace, name, query }), { object, before, force: options.force })
      : await kube.send<KubeObject>('POST', pathOf(resource, { namespace, query }), object)
    const unchanged = before?.metadata.resourceVersion === done.object.metadata.resourceVersion
    return {
      ...result,
      title: titleOf(done.object),
      outcome: !before ? 'created' : unchanged && !options.dryRun ? 'unchanged' : 'configured',
      warnings: done.warnings,
      before: before ? toYaml(before) : '',
      after: toYaml(done.object),
    }
  } catch (error) {
    const conflicts = conflictsOf(error).map(({ field, owner }): FieldConflict => ({
      field,
      owner,
      theirs: valueAt(before, field),
      mine: valueAt(object, field),
    }))
    if (conflicts.length === 0) throw error
    return { ...result, outcome: 'conflict', warnings: [], conflicts }
  }
}

interface Patch {
  object: KubeObject
  before: KubeObject | undefined
  /** Takes fields from whoever owns them. */
  force: boolean
}

/**
 * Server-side apply (kubernetes.io, "Server-Side Apply"). Fields that this app wrote itself, by editing, are taken over without
 * asking, provided that nobody wrote in between. A server without apply gets the object as a merge patch.
 */
async function patch(kube: Kube, path: string, { object, before, force }: Patch): Promise<Answer<KubeObject>> {
  const apply = (body: KubeObject, { forced }: { forced: boolean }): Promise<Answer<KubeObject>> =>
    kube.send('PATCH', forced ? `${path}&force=true` : path, JSON.stringify(body), 'application/apply-patch+yaml')
  try {
    return await apply(object, { forced: force })
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    if (error.code === 415) return withoutApply(kube, path, object, before)
    const conflicts = conflictsOf(error)
    const resourceVersion = before?.metadata.resourceVersion
    if (conflicts.length === 0 || !resourceVersion || conflicts.some(({ owner }) => owner !== manager)) throw error
    return apply({ ...object, metadata: { ...object.metadata, resourceVersion } }, { forced: true })
  }
}

function withoutApply(
  kube: Kube,
  path: string,
  object: KubeObject,
  before: KubeObject | undefined,
): Promise<Answer<KubeObject>> {
  const collection = path.replace(/\/[^/?]+\?/, '?')
  return before
    ? kube.send('PATCH', path, object, 'application/merge-patch+json')
    : kube.send('POST', collection, object)
}

/** The fields that an apply was refused for, with their owners; none for other failures. */
function conflictsOf(error: unknown): Array<{ field: string; owner: string }> {
  const causes = error instanceof StatusError && error.code === 409 ? (error.details?.causes ?? []) : []
  return causes
    .filter(({ reason }) => reason === 'FieldManagerConflict')
    .map(({ field = '', message = '' }) => ({
      field,
      owner: /^conflict with "((?:[^"\\]|\\.)*)"/.exec(message)?.[1] ?? message,
    }))
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof StatusError && error.code === 404) return undefined
  throw error
}

interface ResourceList {
  resources: Array<{ name: string; kind: string; namespaced: boolean }>
}

/** Asks the group version itself, so that old versions (extensions/v1beta1) work as they are. */
async function resourceOf(
  { kube }: Cluster,
  object: KubeObject,
): Promise<Pick<FoundResource, 'group' | 'version' | 'resource' | 'namespaced'>> {
  const [first, second] = object.apiVersion.split('/') as [string, string | undefined]
  const list = await kube.get<ResourceList>(second ? `/apis/${first}/${second}` : `/api/${first}`).catch(ignoreMissing)
  const found = list?.resources.find((r) => r.kind === object.kind && !r.name.includes('/'))
  if (!found)
    throw new StatusError(404, 'NotFound', `no matches for kind "${object.kind}" in version "${object.apiVersion}"`)
  return { group: second ? first : '', version: second ?? first, resource: found.name, namespaced: found.namespaced }
}

function failed(document: ManifestDocument, error: unknown): ApplyResult {
  const causes = error instanceof StatusError ? (error.details?.causes ?? []) : []
  return {
    line: document.line,
    title: document.object ? titleOf(document.object) : document.text.trim().split('\n')[0]!.slice(0, 60),
    outcome: 'failed',
    warnings: [],
    error: {
      message: error instanceof Error ? error.message : String(error),
      causes: causes.length > 1 ? causes.map((c) => [c.field, c.message].filter(Boolean).join(': ')) : [],
      code: error instanceof StatusError ? error.code : undefined,
    },
  }
}

const titleOf = ({ kind, metadata }: KubeObject): string =>
  `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ''}${metadata.name ?? metadata.generateName ?? ''}`
