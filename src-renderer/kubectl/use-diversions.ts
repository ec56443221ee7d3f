import { useI18n } from 'vue-i18n'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { mainContainer } from '../actions/terminals.ts'
import { useCluster, type ClusterContext } from '../api/context.ts'
import { pathOf } from '../api/kube.ts'
import type { KindView } from '../kinds/view.ts'
import { useDock, type NewDockTab } from '../stores/dock.ts'
import { quoted } from './command-line.ts'
import { diversionOf, type Diversion } from './own-tabs.ts'

interface DiversionOptions {
  /** Where a command looks that names none. */
  namespace(): string
  /** A command chose another. */
  choose(namespace: string): void
}

/**
 * Does what kubectl would need a terminal or an editor for in other tabs of the dock, and resolves to a sentence that says so; to undefined
 * for what kubectl does itself. Rejects with the server's words when there is no such object. Must be called in setup.
 */
export function useDiversions({ namespace, choose }: DiversionOptions) {
  const cluster = useCluster()
  const dock = useDock()
  const { t } = useI18n()
  return async function divert(words: readonly string[]): Promise<string | undefined> {
    const diversion = diversionOf(words)
    if (!diversion) return undefined
    if (diversion.kind === 'told') return t(`kubectl.instead.${diversion.why}`)
    if (diversion.kind === 'namespace') {
      choose(diversion.name)
      return t('kubectl.done.namespace', { name: diversion.name })
    }
    const place = { ...diversion, namespace: diversion.namespace ?? namespace() }
    const tabs = place.kind === 'edit' ? await editorsOf(place, cluster) : [await shellOf(place, cluster)]
    if (!tabs) return t('kubectl.instead.edit')
    for (const tab of tabs) dock.add(tab)
    return t(`kubectl.done.${place.kind === 'shell' && place.attach ? 'attach' : place.kind}`)
  }
}

type Placed<Kind extends Diversion['kind']> = Extract<Diversion, { kind: Kind }> & { namespace: string }

/** Undefined when the cluster has no such kind. */
async function editorsOf(
  { objects, namespace }: Placed<'edit'>,
  cluster: ClusterContext,
): Promise<NewDockTab[] | undefined> {
  const tabs: NewDockTab[] = []
  for (const { type, name } of objects) {
    const view = cluster.views.value.find((one) => namesOf(one).includes(type.toLowerCase()))
    if (!view) return undefined
    const place = view.namespaced ? { namespace, name } : { name }
    await cluster.kube.get(pathOf(view, place))
    tabs.push({ kind: 'edit', cluster: cluster.id, title: `${view.kind} ${name}`, object: { view: view.id, ...place } })
  }
  return tabs
}

/** What kubectl takes for a kind. */
const namesOf = ({ id, kind, resource, group, version, shortNames = [] }: KindView): string[] => [
  id,
  kind.toLowerCase(),
  resource,
  `${resource}.${group}`,
  `${resource}.${version}.${group}`,
  ...shortNames,
]

async function shellOf(
  { pod: name, container, namespace, program, attach }: Placed<'shell'>,
  { id, kube }: ClusterContext,
): Promise<NewDockTab> {
  const pods = { group: '', version: 'v1', resource: 'pods' }
  const pod = await kube.get<KubeObject>(pathOf(pods, { namespace, name }))
  return {
    kind: 'shell',
    cluster: id,
    title: name,
    namespace,
    pod: name,
    container: container ?? mainContainer(pod),
    ...(attach ? { attach } : {}),
    ...(program.length > 0 && !attach ? { program: program.map(quoted).join(' ') } : {}),
  }
}
