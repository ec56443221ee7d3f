import { defineStore } from 'pinia'
import { ref, toRaw, type Ref } from 'vue'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { sideOf } from '../dock/sides.ts'
import type { ObjectLink } from '../kinds/view.ts'
import { forwardKey } from './forwards.ts'
import { kept } from './kept.ts'

/** One pod's containers, or the pods of a selector: what a log tab follows. */
export interface LogTarget {
  namespace: string
  pod?: string
  selector?: Record<string, string>
  container?: string
  /** Begins with the run before the last start. */
  previous?: true
}

/** Where a tab stands when two are looked at at once. */
export type Side = 'left' | 'right'

/** Without a side a tab stands on the left. `name` is what a person called it, instead of its title. */
export type DockTab = { id: string; cluster: string; title: string; name?: string; side?: Side } & (
  | { kind: 'logs'; target: LogTarget }
  /**
   * `program` is what a person had run instead of the best shell; `attach` joins the container's own process instead of starting one.
   * A `temporary` pod was made for the tab and goes with it.
   */
  | {
      kind: 'shell'
      namespace: string
      pod: string
      container: string
      program?: string
      attach?: true
      temporary?: true
    }
  /** `then`: the version that the text begins with, instead of what stands there now. */
  | { kind: 'edit'; object: ObjectLink; then?: KubeObject }
  | { kind: 'apply'; draft: string }
  /** `hasBegun` is set once it runs: after a reload it goes on, it does not begin again. */
  | { kind: 'drain'; node: string; hasBegun?: true }
  /** `console` is its id at the gateway, where what runs in it outlives the window; `line` is what runs now. */
  | { kind: 'kubectl'; console: string; namespace: string; line?: string | undefined }
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

/** A shell goes on in another container of its pod, or as another program; a drain has begun; a console runs something, or looks elsewhere. */
export type TabChange =
  | { container?: string; program?: string }
  | { hasBegun: true }
  | { line: string | undefined }
  | { namespace: string }

/** A tab before it has an id. */
export type NewDockTab = DockTab extends infer Tab ? (Tab extends DockTab ? Omit<Tab, 'id'> : never) : never

/** What a tab is called. */
export const nameOfTab = ({ name, title }: Pick<DockTab, 'name' | 'title'>): string => name ?? title

/** Everything long-lived: logs, shells, editors. Tabs outlive navigation and reload; shells begin anew after a reload. */
export const useDock = defineStore('dock', () => {
  const tabs = kept<DockTab[]>('drydock.dock', [])
  const { leave, ...front } = useFront(tabs)
  /** The image that a container for debugging had last. */
  const debugImage = kept('drydock.debugImage', 'busybox')
  /** Tabs that would lose something when closed: unsaved text, a running shell. */
  const busy = ref<Record<string, 'unsaved' | 'running'>>({})
  /** Why what a tab holds open could not be opened. */
  const problems = ref<Record<string, string>>({})
  /** Tabs whose forward another window holds open. */
  const elsewhere = ref<Record<string, true>>({})
  const { side, activate } = front
  const verbs = useTabVerbs(tabs, activate)

  /** Opens a tab, or brings the one for the same thing to the front. */
  function add(tab: NewDockTab): void {
    const same = tabs.value.find((found) => isSame(found, tab))
    if (same) return activate(same.id)
    const isThere = tabs.value.some((one) => one.cluster === tab.cluster && sideOf(one) === side.value)
    const made = { ...tab, id: crypto.randomUUID(), ...(isThere ? { side: side.value } : {}) } as DockTab
    tabs.value.push(made)
    activate(made.id)
  }
  function remove(id: string): void {
    const tab = tabs.value.find((one) => one.id === id)
    if (!tab) return
    leave(tab)
    tabs.value.splice(tabs.value.indexOf(tab), 1)
    delete busy.value[id]
    delete problems.value[id]
  }
  /** Moves a tab, and with it all that runs in it, to a side. */
  function moveTo(id: string, to: Side): void {
    const tab = tabs.value.find((one) => one.id === id)
    if (!tab || sideOf(tab) === to) return
    leave(tab)
    tab.side = to
    activate(id)
  }
  function setBusy(id: string, what: 'unsaved' | 'running' | undefined): void {
    if (what) busy.value[id] = what
    else delete busy.value[id]
  }
  function setElsewhere(id: string, is: boolean): void {
    if (is) elsewhere.value[id] = true
    else delete elsewhere.value[id]
  }
  return { ...front, tabs, busy, elsewhere, setElsewhere, problems, debugImage, add, remove, moveTo, setBusy, ...verbs }
})

/** What becomes of a tab where it stands. */
function useTabVerbs(tabs: Ref<DockTab[]>, activate: (id: string) => void) {
  const find = (id: string): DockTab | undefined => tabs.value.find((one) => one.id === id)
  function change(id: string, to: TabChange): void {
    const tab = find(id)
    if (tab) Object.assign(tab, to)
  }
  /** By its own title again when that is the name. */
  function rename(id: string, name: string): void {
    const tab = find(id)
    if (!tab) return
    if (name === tab.title) delete tab.name
    else tab.name = name
  }
  /** Another one of the same beside it, in front; a console of its own, where nothing runs yet. */
  function duplicate(id: string): void {
    const tab = find(id)
    if (!tab) return
    const copy = { ...structuredClone(toRaw(tab)), id: crypto.randomUUID() }
    if (copy.kind === 'kubectl') Object.assign(copy, { console: crypto.randomUUID(), line: undefined })
    tabs.value.splice(tabs.value.indexOf(tab) + 1, 0, copy)
    activate(copy.id)
  }
  return { change, rename, duplicate }
}

/** Which tab is in front on each side, whether or not the dock is open. */
function useFront(tabs: Ref<DockTab[]>) {
  /** Ids of the tabs in front. */
  const active = kept<Record<Side, string>>('drydock.dock.front', { left: '', right: '' })
  /** The side that was used last: new tabs open there. */
  const side = kept<Side>('drydock.dock.side', 'left')
  const open = kept('drydock.dock.open', false)

  function activate(id: string): void {
    const tab = tabs.value.find((one) => one.id === id)
    if (!tab) return
    side.value = sideOf(tab)
    active.value[side.value] = id
    open.value = true
  }
  /** Brings the tab beside one that leaves its side to the front there. */
  function leave(tab: DockTab): void {
    const at = sideOf(tab)
    if (active.value[at] !== tab.id) return
    const beside = tabs.value.filter((one) => one.cluster === tab.cluster && sideOf(one) === at)
    const index = beside.indexOf(tab)
    active.value[at] = (beside[index - 1] ?? beside[index + 1])?.id ?? ''
  }
  return { active, side, open, activate, leave }
}

function isSame(tab: DockTab, other: NewDockTab): boolean {
  if (tab.kind === 'drain' && other.kind === 'drain') return tab.cluster === other.cluster && tab.node === other.node
  if (tab.kind === 'forward' && other.kind === 'forward') return forwardKey(tab) === forwardKey(other)
  // Whatever it runs by now, unless a command is asked for.
  if (tab.kind === 'shell' && other.kind === 'shell') {
    const parts = ['cluster', 'namespace', 'pod', 'container', 'attach'] as const
    const runs = other.program === undefined || tab.program === other.program
    return runs && parts.every((part) => tab[part] === other[part])
  }
  const { id: _, side: __, name: ___, ...rest } = tab
  return tab.kind !== 'apply' && JSON.stringify(rest) === JSON.stringify(other)
}
