import { useI18n } from 'vue-i18n'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { mainContainer } from '../actions/terminals.ts'
import { useCluster } from '../api/context.ts'
import { pathOf } from '../api/kube.ts'
import type { KindView } from '../kinds/view.ts'
import { useDock } from '../stores/dock.ts'
import { quoted } from './command-line.ts'
import { diversionOf, type Diversion } from './own-tabs.ts'

interface DiversionOptions {
  /** Where a command looks that names none. */
  namespace(): string
  /** A command chose another. */
  choose(namespace: string): void
}

type Of<Kind extends Diversion['kind']> = Extract<Diversion, { kind: Kind }>

/**
 * Does what kubectl would need a terminal or an editor for in other tabs of the dock, and resolves to a sentence that says so; to undefined
 * for what kubectl does itself. Rejects with the server's words when there is no such object. Must be called in setup.
 */
export function useDiversions({ namespace, choose }: DiversionOptions) {
  const cluster = useCluster()
  const dock = useDock()
  const { t } = useI18n()
  const { kube } = cluster

  const viewOf = (type: string): KindView | undefined =>
    cluster.views.value.find(({ id, kind, resource, group, version, shortNames = [] }) =>
      [
        id,
        kind.toLowerCase(),
        resource,
        `${resource}.${group}`,
        `${resource}.${version}.${group}`,
        ...shortNames,
      ].includes(type.toLowerCase()),
    )

  async function edit({ objects, namespace: named }: Of<'edit'>): Promise<string> {
    for (const { type, name } of objects) {
      const view = viewOf(type)
      if (!view) return t('kubectl.instead.edit')
      const place = view.namespaced ? { namespace: named ?? namespace(), name } : { name }
      await kube.get(pathOf(view, place))
      dock.add({
        kind: 'edit',
        cluster: cluster.id,
        title: `${view.kind} ${name}`,
        object: { view: view.id, ...place },
      })
    }
    return t('kubectl.done.edit')
  }

  async function shell({
    pod: name,
    container,
    namespace: named = namespace(),
    program,
    attach,
  }: Of<'shell'>): Promise<string> {
    const pod = await kube.get<KubeObject>(
      pathOf({ group: '', version: 'v1', resource: 'pods' }, { namespace: named, name }),
    )
    dock.add({
      kind: 'shell',
      cluster: cluster.id,
      title: name,
      namespace: named,
      pod: name,
      container: container ?? mainContainer(pod),
      ...(attach ? { attach } : {}),
      ...(program.length > 0 && !attach ? { program: program.map(quoted).join(' ') } : {}),
    })
    return t(`kubectl.done.${attach ? 'attach' : 'shell'}`)
  }

  return async function divert(words: readonly string[]): Promise<string | undefined> {
    const diversion = diversionOf(words)
    if (diversion?.kind === 'edit') return edit(diversion)
    if (diversion?.kind === 'shell') return shell(diversion)
    if (diversion?.kind === 'told') return t(`kubectl.instead.${diversion.why}`)
    if (diversion?.kind !== 'namespace') return undefined
    choose(diversion.name)
    return t('kubectl.done.namespace', { name: diversion.name })
  }
}
