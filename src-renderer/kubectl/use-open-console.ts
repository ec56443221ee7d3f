import { nextTick } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute } from 'vue-router'
import { useCluster } from '../api/context.ts'
import { useDock, type DockTab, type Side } from '../stores/dock.ts'
import { chosenNamespace } from './chosen-namespace.ts'

/** Opens consoles of the cluster on screen. Must be called in setup. */
export function useOpenConsole() {
  const { id: cluster, summary } = useCluster()
  const route = useRoute()
  const dock = useDock()
  const { t } = useI18n()
  const consoles = (): DockTab[] => dock.tabs.filter((tab) => tab.kind === 'kubectl' && tab.cluster === cluster)

  /** Another one, on the side that was used last or on the one that is named. */
  async function open(side?: Side): Promise<void> {
    if (side) dock.side = side
    const titles = new Set(consoles().map(({ title }) => title))
    let title = t('kubectl.tab')
    for (let number = 2; titles.has(title); number++) title = `${t('kubectl.tab')} ${number}`
    const namespace = chosenNamespace(route.query['ns']) ?? summary.value?.namespace ?? 'default'
    dock.add({ kind: 'kubectl', cluster, title, console: crypto.randomUUID(), namespace })
    await focus()
  }

  /** The one that was used last and in which nothing runs, or another one. */
  async function go(): Promise<void> {
    const idle = consoles().filter(({ id }) => !dock.busy[id])
    const front = new Set(Object.values(dock.active))
    const found = idle.find(({ id }) => front.has(id)) ?? idle.at(-1)
    if (!found) return open()
    dock.activate(found.id)
    await focus()
  }

  async function focus(): Promise<void> {
    const id = dock.active[dock.side]
    await nextTick()
    document.querySelector<HTMLElement>(`#dock-pane-${CSS.escape(id)} textarea`)?.focus()
  }

  return { open, go }
}
