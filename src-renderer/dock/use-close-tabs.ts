import { useI18n } from 'vue-i18n'
import { isNotFound } from '../../src-kube/machinery/errors.ts'
import { useCluster } from '../api/context.ts'
import { pathOf } from '../api/kube.ts'
import { nameOfTab, useDock, type DockTab } from '../stores/dock.ts'
import { useUi, type Question } from '../stores/ui.ts'

/** Closes tabs with what is theirs, after asking once where something would be lost or ended. Must be called in setup. */
export function useCloseTabs(): (tabs: readonly DockTab[]) => Promise<void> {
  const dock = useDock()
  const ui = useUi()
  const { id: cluster, kube } = useCluster()
  const { t } = useI18n()

  function question(tabs: readonly DockTab[], busy: readonly DockTab[]): Question {
    const [one] = busy
    const common = { verb: t('close'), danger: true }
    if (tabs.length > 1 || !one) {
      const items = busy.map(nameOfTab)
      return { title: t('dock.closeSeveral', { count: tabs.length }), body: t('dock.closeBusy'), items, ...common }
    }
    const what = ['forward', 'drain', 'kubectl'].includes(one.kind) ? one.kind : dock.busy[one.id]
    return { title: t(`dock.close-${what}`, { title: nameOfTab(one) }), ...common }
  }

  /** Its pod was made for it alone. */
  async function removePod({ namespace, pod }: { namespace: string; pod: string }): Promise<void> {
    try {
      await kube.send('DELETE', pathOf({ group: '', version: 'v1', resource: 'pods' }, { namespace, name: pod }))
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  async function drop(tab: DockTab): Promise<void> {
    dock.remove(tab.id)
    if (tab.kind === 'shell' && tab.temporary) await ui.attempt(() => removePod(tab))
    if (tab.kind === 'kubectl')
      await ui.attempt(
        async () => void (await kube.connection.action(cluster, 'kubectl.close', { console: tab.console })),
      )
  }

  return async (tabs) => {
    const busy = tabs.filter(({ id }) => dock.busy[id])
    if (busy.length > 0 && (await ui.ask(question(tabs, busy))) === false) return
    await Promise.all(tabs.map(drop))
  }
}
