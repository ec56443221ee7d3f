import type { DockTab, Side } from '../stores/dock.ts'

/** One half of the dock, or the whole of it: a row of tabs, one of them in front. */
export interface DockSide {
  side: Side
  tabs: DockTab[]
  active: DockTab | undefined
}

export const sideOf = (tab: { side?: Side }): Side => tab.side ?? 'left'

/** The sides that have tabs, from left to right; `active` are the ids in front, of which one may be gone. */
export function sidesOf(tabs: readonly DockTab[], active: Readonly<Record<Side, string>>): DockSide[] {
  return (['left', 'right'] as const)
    .map((side) => {
      const own = tabs.filter((tab) => sideOf(tab) === side)
      return { side, tabs: own, active: own.find(({ id }) => id === active[side]) ?? own[0] }
    })
    .filter((side) => side.tabs.length > 0)
}
