import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { kept } from './kept.ts'

/** Something that the app said. */
export interface Message {
  id: number
  /** When it said so last, milliseconds since the epoch. */
  at: number
  kind: 'info' | 'error'
  text: string
  /** Name of the cluster that was on screen; empty for none. */
  place: string
  /** How often it said so in a row. */
  times: number
}

/** As many as are kept; the oldest go. */
const most = 200

/** What messages and notices said, the latest first, for as long as the window is open, reloads included. */
export const useMessages = defineStore('messages', () => {
  const list = kept<Message[]>('drydock.messages', [], sessionStorage)
  /** The latest that was there when somebody looked. */
  const seen = kept('drydock.messages.seen', 0, sessionStorage)
  const isOpen = ref(false)
  /** Name of the cluster on screen. */
  const place = ref('')

  function note(kind: Message['kind'], text: string, at = Date.now()): void {
    const [last, ...others] = list.value
    const isAgain = last?.kind === kind && last.text === text && last.place === place.value
    const id = (last?.id ?? 0) + 1
    const message = { id, at, kind, text, place: place.value, times: isAgain ? last.times + 1 : 1 }
    list.value = [message, ...(isAgain || !last ? others : list.value)].slice(0, most)
  }
  function look(): void {
    seen.value = list.value[0]?.id ?? seen.value
  }
  return {
    kept: list,
    isOpen,
    place,
    /** Failures that nobody has looked at. */
    unseen: computed(() => list.value.filter(({ id, kind }) => kind === 'error' && id > seen.value).length),
    note,
    look,
    clear(): void {
      list.value = list.value.slice(0, 0)
      seen.value = 0
    },
  }
})
