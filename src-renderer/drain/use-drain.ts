import { computed, onMounted, onScopeDispose, ref, type ComputedRef, type Ref } from 'vue'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { pathOf, type Kube } from '../api/kube.ts'
import { useDock, type DockTab } from '../stores/dock.ts'
import { useUi } from '../stores/ui.ts'
import { drainStates, type DrainPod, type DrainState } from './drain-state.ts'
import { evictAll, sendEviction } from './evict.ts'
import { planDrain } from './plan.ts'

/** Why it ends with its page: it is to go on when that is back. */
const leaving = 'leaving'

type DrainTab = Extract<DockTab, { kind: 'drain' }>

/** The drain of one node, which outlives the pages that show it. */
export interface Drain {
  isRunning: Readonly<Ref<boolean>>
  state: ComputedRef<DrainState>
  /** Begins, or begins anew with the pods that are there now. */
  start(): Promise<void>
  cancel(): void
  /** Has the node take new pods again. */
  uncordon(): Promise<void>
}

/**
 * The drain of a tab: begins once when the tab is new. What it knows outlives the page; after a reload it goes on with the pods that it has not
 * let go yet, if it was running here. Must be called in setup.
 */
export function useDrain(kube: Kube, tab: DrainTab): Drain {
  const dock = useDock()
  const ui = useUi()
  const isRunning = ref(false)
  let abort = new AbortController()

  /** Until all are let go, refused or gone, or it is cancelled. */
  async function run(pods: () => Promise<readonly DrainPod[]>): Promise<void> {
    abort = new AbortController()
    isRunning.value = true
    dock.setBusy(tab.id, 'running')
    drainStates.setRunning(tab.id, true)
    try {
      await evictAll(await pods(), {
        evict: (pod) => sendEviction(kube, { metadata: pod }),
        told: ({ uid }, eviction) => drainStates.tell(tab.id, uid, eviction),
        signal: abort.signal,
      })
    } finally {
      isRunning.value = false
      dock.setBusy(tab.id, undefined)
      if (abort.signal.reason !== leaving) drainStates.setRunning(tab.id, false)
    }
  }
  async function begun(): Promise<readonly DrainPod[]> {
    dock.change(tab.id, { hasBegun: true })
    await setUnschedulable(kube, tab.node, true)
    // Who came while the node still took pods is among them.
    const pods = planDrain(await podsOn(kube, tab.node)).leaving.map(toDrainPod)
    drainStates.keep(tab.id, { pods, told: {} })
    return pods
  }
  const left = async (): Promise<readonly DrainPod[]> =>
    drainStates.of(tab.id).pods.length === 0 ? begun() : notLetGo(drainStates.of(tab.id))
  onMounted(() => {
    drainStates.keepOnly(dock.tabs.map(({ id }) => id))
    const pods = !tab.hasBegun ? begun : drainStates.isRunning(tab.id) ? left : undefined
    if (pods) void ui.attempt(() => run(pods))
  })
  onScopeDispose(() => abort.abort(leaving))
  return {
    isRunning,
    state: computed(() => drainStates.of(tab.id)),
    start: () => run(begun),
    cancel: () => abort.abort(),
    uncordon: () => setUnschedulable(kube, tab.node, null),
  }
}

/** Whom it has still to ask for, or to ask for again. */
const notLetGo = ({ pods, told }: DrainState): DrainPod[] =>
  pods.filter(({ uid }) => ['waiting', 'blocked'].includes(told[uid]?.state ?? 'waiting'))

/** `null` takes the mark away. */
async function setUnschedulable(kube: Kube, node: string, value: true | null): Promise<void> {
  const path = pathOf({ group: '', version: 'v1', resource: 'nodes' }, { name: node })
  await kube.send('PATCH', path, { spec: { unschedulable: value } }, 'application/merge-patch+json')
}

async function podsOn(kube: Kube, node: string): Promise<KubeObject[]> {
  const query = { fieldSelector: `spec.nodeName=${node}` }
  const list = await kube.get<{ items: KubeObject[] }>(
    pathOf({ group: '', version: 'v1', resource: 'pods' }, { query }),
  )
  return list.items
}

const toDrainPod = ({ metadata: { uid, name, namespace = '' } }: KubeObject): DrainPod => ({
  uid,
  name,
  namespace,
})
