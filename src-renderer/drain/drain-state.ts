import type { Eviction } from './evict.ts'
import { kept } from '../stores/kept.ts'

/** A pod that has to leave. */
export interface DrainPod {
  uid: string
  name: string
  namespace: string
}

/** What a drain knows: which pods had to leave when it began, and what became of each so far, by uid. */
export interface DrainState {
  pods: DrainPod[]
  told: Record<string, Eviction>
}

/** By the id of the tab that shows it. */
const states = kept<Record<string, DrainState>>('drydock.drains', {})
/** Ids of tabs whose drains this window runs: they go on after a reload of the page, and in no other window. */
const running = kept<string[]>('drydock.drains.running', [], sessionStorage)

/** What drains know, and which of them this window runs. */
export const drainStates = {
  of: (tab: string): DrainState => states.value[tab] ?? { pods: [], told: {} },
  keep(tab: string, state: DrainState): void {
    states.value = { ...states.value, [tab]: state }
  },
  tell(tab: string, uid: string, eviction: Eviction): void {
    const state = drainStates.of(tab)
    drainStates.keep(tab, { ...state, told: { ...state.told, [uid]: eviction } })
  },
  isRunning: (tab: string): boolean => running.value.includes(tab),
  setRunning(tab: string, runs: boolean): void {
    const others = running.value.filter((one) => one !== tab)
    running.value = runs ? [...others, tab] : others
  },
  /** Forgets those whose tabs are closed. */
  keepOnly(tabs: readonly string[]): void {
    const left = Object.entries(states.value).filter(([tab]) => tabs.includes(tab))
    if (left.length < Object.keys(states.value).length) states.value = Object.fromEntries(left)
    running.value = running.value.filter((tab) => tabs.includes(tab))
  },
}
