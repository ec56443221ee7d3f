import { useI18n } from 'vue-i18n'
import { useRoute, useRouter } from 'vue-router'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { actions, type Action, type ActionWorld } from '../actions/index.ts'
import { describeAction } from '../actions/objects.ts'
import { useCluster, useIsOwn } from '../api/context.ts'
import { keyOf } from '../api/watch-list.ts'
import { useKeys } from '../keys/use-keys.ts'
import type { KindView } from '../kinds/view.ts'
import { usePast } from '../past/use-past.ts'
import { useDock } from '../stores/dock.ts'
import { useUi } from '../stores/ui.ts'

/** The actions for objects on screen, with all they need at hand. */
export function useActions() {
  const { t } = useI18n()
  const route = useRoute()
  const router = useRouter()
  const cluster = useCluster()
  const own = useIsOwn()
  const dock = useDock()
  const ui = useUi()
  const keys = useKeys()
  const { moment } = usePast()

  const world = (): ActionWorld => ({
    cluster,
    own: own.value,
    dock,
    ui,
    t: (key, values) => t(key, values ?? {}),
    go: (to) => void router.push(to),
    show: (object) => void router.push({ query: { ...route.query, sel: keyOf(object) } }),
  })
  /** What was can be looked at, and nothing more. */
  const possible = (): readonly Action[] => (moment.value ? [describeAction] : actions)
  const offered = (view: KindView, objects: readonly KubeObject[]): Action[] =>
    objects.length === 0
      ? []
      : possible().filter((a) => (objects.length === 1 || a.many) && objects.every((o) => a.applies(view, o, world())))
  return {
    world,
    offered,
    run: (action: Action, view: KindView, objects: KubeObject[]) =>
      ui.attempt(async () => action.run(world(), view, objects)),
    /** Runs the action of a key if one applies; tells whether it did. */
    byKey(event: KeyboardEvent, view: KindView, objects: KubeObject[]): boolean {
      const action = offered(view, objects).find(({ id }) => keys.isPressed(event, `do.${id}`))
      if (action) void ui.attempt(async () => action.run(world(), view, objects))
      return action !== undefined
    },
  }
}
