import { computed, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute, useRouter, type RouteLocationRaw } from 'vue-router'
import { useCluster } from '../api/context.ts'
import type { MenuItem } from '../components/PopupMenu.vue'
import { useSavedLists, type SavedList } from '../stores/saved-lists.ts'
import { useUi } from '../stores/ui.ts'

/** Saved lists as the cluster on screen shows them. Must be called in setup. */
export interface SavedListVerbs {
  /** Those of kinds that the cluster has. */
  lists: ComputedRef<SavedList[]>
  /** The one on screen, whether or not its filter was changed since. */
  current: ComputedRef<SavedList | undefined>
  /** Its page. */
  target(list: SavedList): RouteLocationRaw
  /** What can be done to one, as a menu. */
  items: ComputedRef<MenuItem[]>
  run(verb: string, list: SavedList): Promise<void>
}

/** Must be called in setup, of a cluster's page. */
export function useSavedList(): SavedListVerbs {
  const { t } = useI18n()
  const route = useRoute()
  const router = useRouter()
  const cluster = useCluster()
  const saved = useSavedLists()
  const ui = useUi()

  async function rename({ id, name }: SavedList): Promise<void> {
    const answer = await ui.ask({
      title: t('saved.renameTitle', { name }),
      fields: [{ name: 'name', label: t('columns.name'), value: name }],
      verb: t('saved.rename'),
    })
    if (typeof answer === 'object' && answer['name']?.trim()) saved.change(id, { name: answer['name'].trim() })
  }
  async function remove({ id, name }: SavedList): Promise<void> {
    const sure = await ui.ask({ title: t('saved.deleteTitle', { name }), verb: t('actions.delete'), danger: true })
    if (sure === false) return
    saved.remove(id)
    const { list, ...query } = route.query
    if (list === id) await router.replace({ query })
  }
  return {
    lists: computed(() => saved.lists.filter(({ view }) => cluster.view(view) !== undefined)),
    current: computed(() => {
      const { list } = route.query
      return saved.lists.find(({ id, view }) => id === list && view === route.params['view'])
    }),
    target: ({ id, view, query }) => ({
      name: 'kind',
      params: { cluster: cluster.id, view },
      query: { ...query, list: id },
    }),
    items: computed(() => [
      { id: 'rename', icon: 'edit', words: t('saved.rename') },
      { id: 'delete', icon: 'delete', words: t('actions.delete'), danger: true },
    ]),
    run: (verb, list) => (verb === 'delete' ? remove(list) : rename(list)),
  }
}
