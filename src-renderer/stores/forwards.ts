import { defineStore } from 'pinia'
import type { DockTab, NewDockTab } from './dock.ts'
import { kept } from './kept.ts'

/** A port forward before it is opened: without the id that its tab will have. */
export type NewForward = Extract<NewDockTab, { kind: 'forward' }>

/** What makes two forwards the same, whatever port of this machine and pod they last had. */
export const forwardKey = ({
  cluster,
  namespace,
  title,
}: Pick<NewForward, 'cluster' | 'namespace' | 'title'>): string => `${cluster} ${namespace}/${title}`

/** Port forwards that were ever opened; one that is open has its tab in the dock. */
export const useForwards = defineStore('forwards', () => {
  const known = kept<NewForward[]>('drydock.forwards', [])
  return {
    known,
    /** Notes a forward, or where it now leads. */
    remember(tab: Extract<DockTab, { kind: 'forward' }>) {
      const { id: _, ...forward } = tab
      const at = known.value.findIndex((one) => forwardKey(one) === forwardKey(tab))
      if (at < 0) known.value.push(forward)
      else known.value[at] = forward
    },
    forget(forward: NewForward) {
      known.value = known.value.filter((one) => forwardKey(one) !== forwardKey(forward))
    },
  }
})
