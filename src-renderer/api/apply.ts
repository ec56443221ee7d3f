import { StatusError } from '../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { ClusterContext } from './context.ts'
import type { FoundResource } from '../kinds/catalog.ts'
import { pathOf, type Answer, type Kube } from './kube.ts'
import { readManifests, toYaml, type ManifestDocument } from './yaml.ts'

export interface ApplyResult {
  line: number
  /** `Deployment default/web`, or the first words of what is no manifest. */
  title: string
  outcome: 'created' | 'configured' | 'unchanged' | 'failed'
  warnings: string[]
  /** The server's own words, and what it says of each field. */
  error?: { message: string; causes: string[] }
  /** What stood there before and what stands (or would stand) now, as YAML. */
  before?: string
  after?: string
}

const strict = { fieldManager: 'drydock', fieldValidation: 'Strict' }

/** Applies every document of a text, in order; each succeeds or fails alone. A dry run goes through all of the server's checks. */
export async function applyText(
  cluster: ClusterContext,
  text: string,
  options: { dryRun: boolean; namespace: string },
): Promise<ApplyResult[]> {
  const results: ApplyResult[] = []
  for (const document of readManifests(text)) {
    results.push(await applyDocument(cluster, document, options).catch((error: unknown) => failed(document, error)))
  }
  return results
}

async function applyDocument(
  cluster: ClusterContext,
  document: ManifestDocument,
  options: { dryRun: boolean; namespace: string },
): Promise<ApplyResult> {
  const { object, problem } = document
  if (!object) throw new Error(problem)
  const { kube } = cluster
  const resource = await resourceOf(cluster, object)
  const namespace = resource.namespaced ? (object.metadata.namespace ?? options.namespace) : undefined
  const { name } = object.metadata
  const query = { ...strict, ...(options.dryRun ? { dryRun: 'All' } : {}) }
  const before = name ? await kube.get(pathOf(resource, { namespace, name })).catch(ignoreMissing) : undefined
  const done = before
    ? await patch(kube, pathOf(resource, { namespace, name, query }), object)
    : await kube.send<KubeObject>('POST', pathOf(resource, { namespace, query }), object)
  const unchanged = before?.metadata.resourceVersion === done.object.metadata.resourceVersion
  return {
    line: document.line,
    title: titleOf(done.object),
    outcome: !before ? 'created' : unchanged && !options.dryRun ? 'unchanged' : 'configured',
    warnings: done.warnings,
    before: before ? toYaml(before) : '',
    after: toYaml(done.object),
  }
}

/** Server-side apply; a server without it gets the same object as a merge patch. */
async function patch(kube: Kube, path: string, object: KubeObject): Promise<Answer<KubeObject>> {
  try {
    return await kube.send('PATCH', `${path}&force=true`, JSON.stringify(object), 'application/apply-patch+yaml')
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 415) throw error
    return kube.send('PATCH', path, object, 'application/merge-patch+json')
  }
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
  { kube }: ClusterContext,
  object: KubeObject,
): Promise<Pick<FoundResource, 'group' | 'version' | 'resource' | 'namespaced'>> {
  const [first, second] = object.apiVersion.split('/') as [string, string | undefined]
  const list = await kube.get<ResourceList>(second ? `/apis/${first}/${second}` : `/api/${first}`).catch(ignoreMissing)
  const found = list?.resources.find((r) => r.kind === object.kind && !r.name.includes('/'))
  if (!found) throw new Error(`no matches for kind "${object.kind}" in version "${object.apiVersion}"`)
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
    },
  }
}

const titleOf = ({ kind, metadata }: KubeObject): string =>
  `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ''}${metadata.name ?? metadata.generateName ?? ''}`
