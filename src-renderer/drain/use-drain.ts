import { computed, onMounted, onScopeDispose, ref, type ComputedRef, type Ref } from 'vue'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { pathOf, type Kube } from '../api/kube.ts'
import { useDock, type DockTab } from '../stores/dock.ts'
import { useUi } from '../stores/ui.ts'
import { drainStates, type DrainPod, type DrainState } from './drain-state.ts'
import { evictAll, sendEviction } from './evict.ts'
import { planDrain } from './plan.ts'

type DrainTab = Extract<DockTab, { kind: 'drain' }>

/** The drain of one node, which outlives the pages that show it. */
export interface Drain {
  isRunning: Readonly<Ref<boolean>>
  state: ComputedRef<DrainState>
  /** Begins, or begins anew with the pods that are there now. */
  start(): Promise<void>
  cancel(): void
  cordon(wanted: boolean): Promise<void>
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
  let isLeaving = false

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
      if (!isLeaving) drainStates.setRunning(tab.id, false)
    }
  }
  async function begun(): Promise<readonly DrainPod[]> {
    dock.change(tab.id, { hasBegun: true })
    await cordon(true)
    // Who came while the node still took pods is among them.
    const pods = planDrain(await podsOn(kube, tab.node)).leaving.map(toDrainPod)
    drainStates.keep(tab.id, { pods, told: {} })
    return pods
  }
  async function left(): Promise<readonly DrainPod[]> {
    const { pods, told } = drainStates.of(tab.id)
    if (pods.length === 0) return begun()
    return pods.filter(({ uid }) => ['waiting', 'blocked'].includes(told[uid]?.state ?? 'waiting'))
  }
  async function cordon(wanted: boolean): Promise<void> {
    const path = pathOf({ group: '', version: 'v1', resource: 'nodes' }, { name: tab.node })
    await kube.send('PATCH', path, { spec: { unschedulable: wanted || null } }, 'application/merge-patch+json')
  }

  const start = (): Promise<void> => run(begun)
  onMounted(() => {
    drainStates.keepOnly(dock.tabs.map(({ id }) => id))
    if (!tab.hasBegun) void ui.attempt(start)
    else if (drainStates.isRunning(tab.id)) void ui.attempt(() => run(left))
  })
  onScopeDispose(() => {
    isLeaving = true
    abort.abort()
  })
  return {
    isRunning,
    state: computed(() => drainStates.of(tab.id)),
    start,
    cancel: () => abort.abort(),
    cordon,
  }
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
