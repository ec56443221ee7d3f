import { useI18n } from 'vue-i18n'
import { useRoute, useRouter } from 'vue-router'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { useRights } from '../access/use-rights.ts'
import { actions, type Action, type ActionWorld } from '../actions/index.ts'
import type { Need } from '../actions/needs.ts'
import { describeAction } from '../actions/objects.ts'
import { useCluster, useIsOwn } from '../api/context.ts'
import { useMachines } from '../clusters/machine-states.ts'
import { keyOf } from '../api/watch-list.ts'
import { useKeys } from '../keys/use-keys.ts'
import { resourceText } from '../namespaces/refusals.ts'
import type { KindView } from '../kinds/view.ts'
import { usePast } from '../past/use-past.ts'
import { useDock } from '../stores/dock.ts'
import { useUi } from '../stores/ui.ts'

/** All that actions may use, of the cluster on screen. */
function useWorld(): () => ActionWorld {
  const { t } = useI18n()
  const route = useRoute()
  const router = useRouter()
  const cluster = useCluster()
  const own = useIsOwn()
  const dock = useDock()
  const ui = useUi()
  const machines = useMachines()
  return () => ({
    cluster,
    own: own.value,
    machineOf: machines.stateOf,
    machinesChanged: machines.forget,
    dock,
    ui,
    t: (key, values) => t(key, values ?? {}),
    go: (to) => void router.push(to),
    show: (object) => void router.push({ query: { ...route.query, sel: keyOf(object) } }),
  })
}

/** The actions for objects on screen, with all they need at hand. */
export function useActions() {
  const ui = useUi()
  const keys = useKeys()
  const { moment } = usePast()
  const refusalOf = useRefusal()
  const world = useWorld()

  /** What was can be looked at, and nothing more. */
  const possible = (): readonly Action[] => (moment.value ? [describeAction] : actions)
  const offered = (view: KindView, objects: readonly KubeObject[]): Action[] =>
    objects.length === 0
      ? []
      : possible().filter((a) => (objects.length === 1 || a.many) && objects.every((o) => a.applies(view, o, world())))
  /** What stands against it: that it may not be done, or that it would do nothing as things are. */
  const whyNot = (action: Action, view: KindView, objects: readonly KubeObject[]): string =>
    refusalOf(action, view, objects) ||
    (objects.map((object) => action.whyOff?.(view, object, world()) ?? '').find(Boolean) ?? '')
  /** Runs an action, or says why it may not be. */
  function run(action: Action, view: KindView, objects: KubeObject[]): Promise<void> {
    const reason = whyNot(action, view, objects)
    if (reason) ui.toast('error', reason)
    return reason ? Promise.resolve() : ui.attempt(async () => action.run(world(), view, objects))
  }
  return {
    world,
    offered,
    whyNot,
    run,
    /** Runs the action of a key if one applies; tells whether it did. */
    byKey(event: KeyboardEvent, view: KindView, objects: KubeObject[]): boolean {
      const action = offered(view, objects).find(({ id }) => keys.isPressed(event, `do.${id}`))
      if (action) void run(action, view, objects)
      return action !== undefined
    },
  }
}

/** Tells which right the person lacks to do it to one of some objects; empty when nothing is known against it. */
function useRefusal() {
  const { t } = useI18n()
  const rights = useRights()
  function wordsOf({ verb, group, resource, subresource }: Need, namespace: string | undefined): string {
    const words = { verb, resource: resourceText({ group, resource }) + (subresource ? `/${subresource}` : '') }
    return namespace ? t('refused.action', { ...words, namespace }) : t('refused.actionCluster', words)
  }
  return function refusal(action: Action, view: KindView, objects: readonly KubeObject[]): string {
    const need = action.needs?.(view)
    if (!need) return ''
    for (const { metadata } of objects) {
      // A shell on a node is a pod in `default`.
      const namespace = metadata.namespace ?? (need.resource === 'pods' && view.id === 'nodes' ? 'default' : undefined)
      const name = need.resource === view.resource && need.verb !== 'create' ? metadata.name : undefined
      const { or, verb, ...what } = need
      const verbs = or ? [verb, or] : [verb]
      if (verbs.every((one) => rights.may({ ...what, verb: one, namespace, name }) === false))
        return wordsOf(need, namespace)
    }
    return ''
  }
}
