import { useEventListener } from '@vueuse/core'
import { ref, watch, type Ref } from 'vue'
import { userStorage } from './user-storage.ts'

/**
 * State that is kept under a key, shared with other windows unless `storage` is that of the session, and with all of the user's browsers where
 * the key is the user's (user-storage.ts). For state that has one owner: of several refs of one key in a window none hears of the others.
 *
 * `useLocalStorage` of VueUse looks away from the end of a write until the next tick, and so loses what is changed right after another change:
 * a tab that is opened and begins at once.
 */
export function kept<T>(key: string, initial: T, storage: Storage = localStorage): Ref<T> {
  const isText = typeof initial === 'string'
  const textOf = (value: T): string => (isText ? (value as string) : JSON.stringify(value))
  const read = (text: string | null): T => {
    if (text === null) return structuredClone(initial)
    if (isText) return text as T
    try {
      return JSON.parse(text) as T
    } catch (error) {
      // Another program's, or an older version's.
      if (error instanceof SyntaxError) return structuredClone(initial)
      throw error
    }
  }
  const state = ref(read(storage.getItem(key))) as Ref<T>
  watch(
    state,
    (value) => {
      const text = textOf(value)
      if (text !== (storage.getItem(key) ?? textOf(initial)))
        (storage === localStorage ? userStorage : storage).setItem(key, text)
    },
    { deep: true },
  )
  useEventListener(window, 'storage', (event) => {
    if (event.storageArea === storage && event.key === key && event.newValue !== textOf(state.value))
      state.value = read(event.newValue)
  })
  return state
}
