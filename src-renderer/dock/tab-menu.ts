/** What can be done to a tab of the dock, or to those around it. Pure. */
import type { DockTab } from '../stores/dock.ts'

/** Picks the words `dock.menu.<verb>`. */
export type TabVerb = 'rename' | 'duplicate' | 'move' | 'close' | 'closeOthers' | 'closeRight' | 'closeAll'

/** A verb of a tab's menu, and whether it would change anything. */
export interface TabChoice {
  verb: TabVerb
  isOff: boolean
}

/**
 * What can stand twice: what is only looked at, or begins anew each time. An object is edited in one place, a port forwarded and a node drained once, and
 * a pod that was made for its tab goes with it.
 */
const isRepeatable = (tab: DockTab): boolean =>
  tab.kind === 'logs' || tab.kind === 'apply' || tab.kind === 'kubectl' || (tab.kind === 'shell' && !tab.temporary)

/** The menu of a tab; `beside` are the tabs of its side, in order. `movable` says whether there is another side for it. */
export function tabChoices(tab: DockTab, beside: readonly DockTab[], movable: boolean): TabChoice[] {
  const isAlone = beside.length < 2
  const off: Partial<Record<TabVerb, boolean>> = {
    duplicate: !isRepeatable(tab),
    move: !movable,
    closeOthers: isAlone,
    closeRight: beside.at(-1)?.id === tab.id,
    closeAll: isAlone,
  }
  const verbs = ['rename', 'duplicate', 'move', 'close', 'closeOthers', 'closeRight', 'closeAll'] as const
  return verbs.map((verb) => ({ verb, isOff: off[verb] ?? false }))
}

/** Those that a verb closes, in order; none for verbs that close nothing. */
export function closedBy(verb: TabVerb, tab: DockTab, beside: readonly DockTab[]): DockTab[] {
  const at = beside.findIndex(({ id }) => id === tab.id)
  const closed: Partial<Record<TabVerb, (index: number) => boolean>> = {
    close: (index) => index === at,
    closeOthers: (index) => index !== at,
    closeRight: (index) => index > at,
    closeAll: () => true,
  }
  return beside.filter((_, index) => closed[verb]?.(index) ?? false)
}
