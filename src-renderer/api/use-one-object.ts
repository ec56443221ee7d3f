import { useIntervalFn } from '@vueuse/core'
import { computed, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { isNotFound } from '../../src-kube/machinery/errors.ts'
import { splitKey, type KubeObject } from '../../src-kube/machinery/meta.ts'
import type { KindView } from '../kinds/view.ts'
import { pathOf, type Kube } from './kube.ts'

/** Milliseconds between two looks: who may not list may seldom watch. */
const pause = 5000

/** An object that is asked for by its name. */
export interface OneObject {
  readonly object: ShallowRef<KubeObject | undefined>
  /** Why it cannot be read, in the server's words; empty when it does not exist. */
  readonly error: Readonly<Ref<string>>
  /** Nothing is known of it yet. */
  readonly isAsking: ComputedRef<boolean>
}

/**
 * The object of this key (`namespace/name`, or the name), asked for again every few seconds as long as there is a key: for whoever may `get` it
 * and not `list` its kind. What was last known stays while it cannot be reached. Must be called in setup.
 */
export function useOneObject(kube: Kube, view: KindView, key: () => string): OneObject {
  const object = shallowRef<KubeObject>()
  const error = ref('')
  const answered = ref('')

  async function ask(): Promise<void> {
    const mine = key()
    if (mine === '') return
    try {
      const got = await kube.get(pathOf(view, splitKey(mine)))
      if (mine === key()) [object.value, error.value] = [got, '']
    } catch (reason) {
      if (mine !== key()) return
      if (isNotFound(reason)) object.value = undefined
      error.value = isNotFound(reason) ? '' : reason instanceof Error ? reason.message : String(reason)
    }
    answered.value = mine
  }
  const { pause: rest, resume } = useIntervalFn(() => void ask(), pause, { immediate: false })
  watch(
    key,
    (wanted) => {
      object.value = undefined
      error.value = answered.value = ''
      rest()
      if (wanted === '') return
      void ask()
      resume()
    },
    { immediate: true },
  )
  return { object, error, isAsking: computed(() => key() !== '' && answered.value !== key()) }
}
