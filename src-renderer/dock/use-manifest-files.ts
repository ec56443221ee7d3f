import { useI18n } from 'vue-i18n'
import { useCluster } from '../api/context.ts'
import { useDock } from '../stores/dock.ts'
import { useUi } from '../stores/ui.ts'
import { readManifestFiles, withDocuments } from './manifest-files.ts'

/** Opens files of manifests to be applied: in the tab with this id behind what it has, else in a tab of their own. Nothing is applied by it. */
export function useManifestFiles(): (files: readonly File[], tab?: string) => Promise<void> {
  const { id: cluster } = useCluster()
  const dock = useDock()
  const ui = useUi()
  const { t } = useI18n()
  return (files, id) =>
    ui.attempt(async () => {
      const { text, refused } = await readManifestFiles(files)
      if (refused.length > 0) ui.toast('error', t('apply.refused', { names: refused.join(', ') }))
      if (text === '') return
      const tab = dock.tabs.find((one) => one.id === id)
      if (tab?.kind === 'apply') {
        tab.draft = withDocuments(tab.draft, text)
        dock.setBusy(tab.id, 'unsaved')
        dock.activate(tab.id)
      } else dock.add({ kind: 'apply', cluster, title: t('apply.tab'), draft: text })
    })
}
