import { shallowRef } from 'vue'
import type { Kube } from '../api/kube.ts'
import { cellsField } from '../api/cells.ts'
import { age, linked, name, namespace, optional } from './columns.ts'
import { examples } from './examples.ts'
import { views } from './index.ts'
import { catalogLinks } from './catalog-links.ts'
import { catalogSections } from './catalog-sections.ts'
import { at, type Category, type KindView, type TableColumn, type ViewColumn } from './view.ts'

/** One resource as discovery tells it. */
export interface FoundResource {
  group: string
  version: string
  resource: string
  kind: string
  namespaced: boolean
  verbs: string[]
  shortNames: string[]
}

interface AggregatedDiscovery {
  kind: string
  items?: Array<{
    metadata: { name?: string }
    versions: Array<{
      version: string
      resources?: Array<{
        resource: string
        responseKind?: { kind: string }
        scope: string
        verbs: string[]
        shortNames?: string[]
      }>
    }>
  }>
}

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'

/** What the server offers, each resource once, in its group's preferred version (KEP-3352; older servers are asked group by group). */
export async function discover(kube: Kube): Promise<FoundResource[]> {
  const found = await Promise.all(['/api', '/apis'].map((path) => discoverRoot(kube, path)))
  const seen = new Set<string>()
  return found.flat().filter((resource) => {
    const id = idOf(resource)
    return !seen.has(id) && seen.add(id)
  })
}

async function discoverRoot(kube: Kube, path: string): Promise<FoundResource[]> {
  const body = await kube.get<AggregatedDiscovery & { versions?: string[]; groups?: PlainGroup[] }>(path, aggregated)
  if (body.kind === 'APIGroupDiscoveryList') return (body.items ?? []).flatMap(fromAggregated)
  const groups = body.groups?.map((g) => g.preferredVersion.groupVersion) ?? body.versions ?? []
  const lists = await Promise.all(groups.map((group) => kube.get<PlainList>(`${path}/${group}`).catch(() => undefined)))
  return lists.flatMap((list) => (list ? fromPlain(list) : []))
}

interface PlainGroup {
  preferredVersion: { groupVersion: string }
}

interface PlainList {
  groupVersion: string
  resources: Array<{ name: string; kind: string; namespaced: boolean; verbs: string[]; shortNames?: string[] }>
}

function fromAggregated(item: NonNullable<AggregatedDiscovery['items']>[number]): FoundResource[] {
  return item.versions.flatMap(({ version, resources = [] }) =>
    resources.map((r) => ({
      group: item.metadata.name ?? '',
      version,
      resource: r.resource,
      kind: r.responseKind?.kind ?? r.resource,
      namespaced: r.scope === 'Namespaced',
      verbs: r.verbs,
      shortNames: r.shortNames ?? [],
    })),
  )
}

function fromPlain(list: PlainList): FoundResource[] {
  const slash = list.groupVersion.indexOf('/')
  const group = slash < 0 ? '' : list.groupVersion.slice(0, slash)
  return list.resources
    .filter((r) => !r.name.includes('/'))
    .map(({ name: resource, kind, namespaced, verbs, shortNames = [] }) => ({
      group,
      version: list.groupVersion.slice(slash + 1),
      resource,
      kind,
      namespaced,
      verbs,
      shortNames,
    }))
}

const idOf = ({ group, resource }: { group: string; resource: string }): string =>
  group ? `${resource}.${group}` : resource

/** The views of a cluster: our own where the server offers the kind, generic ones for the rest that can be listed and watched. */
export function viewsOf(found: readonly FoundResource[]): KindView[] {
  const byId = new Map(found.map((resource) => [idOf(resource), resource]))
  const own = views.flatMap((view) => {
    const resource = byId.get(view.id)
    return resource ? [{ ...view, verbs: resource.verbs, shortNames: resource.shortNames }] : []
  })
  const known = new Set(views.map((view) => view.id))
  const rest = found.filter(
    (r) => !known.has(idOf(r)) && r.verbs.includes('list') && r.verbs.includes('watch') && !duplicate(r),
  )
  return [...own, ...rest.map(genericView)]
}

/** Kinds that other groups serve again. */
const duplicate = ({ group, resource }: FoundResource): boolean =>
  group === 'extensions' || (group === 'events.k8s.io' && resource === 'events')

const categoryOfGroup: Record<string, Category> = {
  'rbac.authorization.k8s.io': 'access',
  'certificates.k8s.io': 'access',
  'storage.k8s.io': 'storage',
  'networking.k8s.io': 'network',
  'discovery.k8s.io': 'network',
  'node.k8s.io': 'system',
  'scheduling.k8s.io': 'config',
  'coordination.k8s.io': 'system',
  'apiextensions.k8s.io': 'custom',
  'apiregistration.k8s.io': 'system',
  'admissionregistration.k8s.io': 'system',
  'flowcontrol.apiserver.k8s.io': 'system',
  'resource.k8s.io': 'system',
  apps: 'workloads',
  batch: 'workloads',
  autoscaling: 'config',
  policy: 'config',
  '': 'config',
}

/** Kinds of groups that people do look at, which they themselves need not see. */
const systemKinds = new Set([
  'controllerrevisions.apps',
  'podtemplates',
  'ipaddresses.networking.k8s.io',
  'servicecidrs.networking.k8s.io',
  'csidrivers.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'csistoragecapacities.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
  'volumeattributesclasses.storage.k8s.io',
])

/** Ours where it is of the version that the server prefers; others begin with what the kind's schema requires. */
function exampleOf(resource: FoundResource): string | undefined {
  const apiVersion = resource.group ? `${resource.group}/${resource.version}` : resource.version
  const example = examples[idOf(resource)]
  return example?.startsWith(`apiVersion: ${apiVersion}\n`) ? example : undefined
}

function genericView(resource: FoundResource): KindView {
  const columns = shallowRef<TableColumn[]>([])
  const example = exampleOf(resource)
  return {
    ...resource,
    id: idOf(resource),
    ...(example ? { example } : {}),
    category: systemKinds.has(idOf(resource)) ? 'system' : (categoryOfGroup[resource.group] ?? 'custom'),
    table: { columns },
    get columns(): ViewColumn[] {
      return tableColumns(columns.value, resource)
    },
    // What its authors think worth a column is worth a look in its detail, also where the list is too narrow for it, unless we tell it better.
    sections:
      catalogSections[idOf(resource)] ??
      ((object) => [
        {
          title: 'columns',
          facts: serverColumns(columns.value)
            .filter(({ optional }) => !optional)
            .map(({ id, title, value }) => ({ label: id, title, value: value(object) })),
        },
      ]),
  }
}

/** Name, namespace and age are ours, so that ages tick; the cells between are the server's, and lead to what they name. */
function tableColumns(defined: readonly TableColumn[], resource: FoundResource): ViewColumn[] {
  const links = catalogLinks[idOf(resource)] ?? {}
  const between = serverColumns(defined).map((one) => {
    const link = links[one.id]
    return link ? linked(one, link) : one
  })
  return [name, ...(resource.namespaced ? [namespace] : []), ...between, age]
}

/** What `kubectl get` shows with `-o wide` alone is there for who asks for it. */
function serverColumns(defined: readonly TableColumn[]): ViewColumn[] {
  return defined.flatMap((definition, index) => {
    if (['name', 'age', 'created at', 'namespace'].includes(definition.name.toLowerCase())) return []
    const number = definition.type === 'integer' || definition.type === 'number'
    const value: ViewColumn['value'] = (object) => {
      const cell = at(object, cellsField, index)
      return typeof cell === 'number' ? cell : cell === null || cell === undefined ? '' : String(cell as string)
    }
    const one: ViewColumn = {
      id: definition.name,
      title: definition.name,
      width: 150,
      value,
      kind: number ? 'number' : 'text',
    }
    return [(definition.priority ?? 0) > 0 ? optional(one) : one]
  })
}
