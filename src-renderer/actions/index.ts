import type { NodeStatus } from '../../src-wire/gateway/actions.ts'
import type { RouteLocationRaw } from 'vue-router'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { ClusterContext } from '../api/context.ts'
import type { KindView } from '../kinds/view.ts'
import type { useDock } from '../stores/dock.ts'
import type { useUi } from '../stores/ui.ts'
import { copyActions } from './copy.ts'
import { evictAction } from './evict.ts'
import { fileActions } from './files.ts'
import { forwardAction } from './forward.ts'
import { jobActions } from './jobs.ts'
import { annotationsAction, dataAction, labelsAction } from './pairs.ts'
import type { Need } from './needs.ts'
import { nodeActions, nodeEnds } from './nodes.ts'
import { rolloutActions } from './rollout.ts'
import { saveActions } from './save.ts'
import { traceAction } from './trace.ts'
import { terminalActions } from './terminals.ts'
import { logsAction, previousLogsAction, workloadActions } from './workloads.ts'
import { deleteAction, editAction, describeAction, killAction } from './objects.ts'

/** What an action may use. */
export interface ActionWorld {
  cluster: ClusterContext
  own: boolean
  /** How the machine of a node stands; undefined where nobody knows. */
  machineOf(node: string): NodeStatus['container'] | undefined
  /** Something was done to a machine. */
  machinesChanged(): void
  dock: ReturnType<typeof useDock>
  ui: ReturnType<typeof useUi>
  t(key: string, values?: Record<string, unknown>): string
  /** Opens the detail of an object. */
  show(object: KubeObject): void
  /** Opens another page. */
  go(to: RouteLocationRaw): void
}

/** A verb on objects: the same word, icon, key and confirmation wherever it is offered. */
export interface Action {
  /** Picks the word `actions.<id>`. */
  id: string
  /** Stand instead of the word. */
  words?: string
  icon: string
  /** One key, while a row or the detail has the focus. */
  key?: string
  danger?: boolean
  /** Stands in menus alone: it would take the room of what is asked for more often. */
  inMenu?: boolean
  /** Works on several objects at once. */
  many?: boolean
  /** The right without which the server refuses it; none where it changes nothing, or is no matter of the API. */
  needs?(view: KindView): Need
  applies(view: KindView, object: KubeObject, world: ActionWorld): boolean
  /** Why it cannot be done to an object as that stands now, though it is an action of its kind; empty when nothing is against it. */
  whyOff?(view: KindView, object: KubeObject, world: ActionWorld): string
  run(world: ActionWorld, view: KindView, objects: KubeObject[]): Promise<void> | void
}

/** In the order of menus; destructive ones last. */
export const actions: readonly Action[] = [
  describeAction,
  editAction,
  dataAction,
  logsAction,
  previousLogsAction,
  ...terminalActions,
  ...nodeActions,
  ...workloadActions,
  forwardAction,
  traceAction,
  ...rolloutActions,
  ...jobActions,
  labelsAction,
  annotationsAction,
  ...fileActions,
  ...copyActions,
  ...saveActions,
  ...nodeEnds,
  evictAction,
  killAction,
  deleteAction,
]
