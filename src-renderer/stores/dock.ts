import { useLocalStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { ObjectLink } from '../kinds/view.ts'
import { forwardKey } from './forwards.ts'

/** One pod's containers, or the pods of a selector: what a log tab follows. */
export interface LogTarget {
  namespace: string
  pod?: string
  selector?: Record<string, string>
  container?: string
}

export type DockTab = { id: string; cluster: string; title: string } & (
  | { kind: 'logs'; target: LogTarget }
  | { kind: 'shell'; namespace: string; pod: string; container: string }
  | { kind: 'edit'; object: ObjectLink }
  | { kind: 'apply'; draft: string }
  /** `localPort` is the one it got last; with `selector`, another pod takes over when this one is gone. */
  | {
      kind: 'forward'
      namespace: string
      pod: string
      port: number
      localPort?: number
      selector?: Record<string, string>
    }
)

/** A tab before it has an id. */
export type NewDockTab = DockTab extends infer Tab ? (Tab extends DockTab ? Omit<Tab, 'id'> : never) : never

/** Everything long-lived: logs, shells, editors. Tabs outlive navigation and reload; shells begin anew after a reload. */
export const useDock = defineStore('dock', () => {
  const tabs = useLocalStorage<DockTab[]>('drydock.dock', [])
  const active = useLocalStorage<string>('drydock.dock.active', '')
  const open = useLocalStorage('drydock.dock.open', false)
  /** Tabs that would lose something when closed: unsaved text, a running shell. */
  const busy = ref<Record<string, 'unsaved' | 'running'>>({})
  /** Why what a tab holds open could not be opened. */
  const problems = ref<Record<string, string>>({})
  let last = Math.max(0, ...tabs.value.map((tab) => Number(tab.id)))

  return {
    tabs,
    active,
    open,
    busy,
    problems,
    shown: computed(() => open.value && tabs.value.length > 0),
    /** Opens a tab, or brings the one for the same thing to the front. */
    add(tab: NewDockTab) {
      const same = tabs.value.find((found) => isSame(found, tab))
      if (!same) tabs.value.push({ ...tab, id: String(++last) } as DockTab)
      active.value = same?.id ?? String(last)
      open.value = true
    },
    remove(id: string) {
      const index = tabs.value.findIndex((tab) => tab.id === id)
      tabs.value.splice(index, 1)
      delete busy.value[id]
      delete problems.value[id]
      if (active.value === id) active.value = tabs.value[Math.max(0, index - 1)]?.id ?? ''
    },
    setBusy(id: string, what: 'unsaved' | 'running' | undefined) {
      if (what) busy.value[id] = what
      else delete busy.value[id]
    },
  }
})

function isSame(tab: DockTab, other: NewDockTab): boolean {
  if (tab.kind === 'forward' && other.kind === 'forward') return forwardKey(tab) === forwardKey(other)
  const { id: _, ...rest } = tab
  return tab.kind !== 'apply' && JSON.stringify(rest) === JSON.stringify(other)
}
