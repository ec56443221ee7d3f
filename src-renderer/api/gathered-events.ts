import { useThrottleFn } from '@vueuse/core'
import { shallowRef, triggerRef, watch } from 'vue'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { gatherEvents } from '../kinds/event-groups.ts'
import type { WatchList } from './watch-list.ts'

/** Milliseconds between gatherings while events pour in. */
const pause = 300

/** A list of events with alike ones gathered; in all else the list it is made from. Must be called in setup. */
export function gathered(list: WatchList): WatchList {
  const map = new Map<string, KubeObject>()
  const objects = shallowRef<ReadonlyMap<string, KubeObject>>(map)
  const gather = (): void => {
    map.clear()
    for (const [key, event] of gatherEvents(list.objects.value)) map.set(key, event)
    triggerRef(objects)
  }
  const soon = useThrottleFn(gather, pause, true)
  watch(list.objects, () => void soon())
  gather()
  return { ...list, objects }
}
