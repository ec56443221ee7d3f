import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { useMessages } from './messages.ts'

/** What is asked before something is done, in one dialogue. See {@link Reply} for the answer. */
export interface Question {
  title: string
  /** Names what will go, or what the number means. */
  body?: string
  items?: string[]
  verb: string
  danger?: boolean
  /** Enter alone does not do it: what it does cannot be had back, and is seldom what is wanted. */
  careful?: boolean
  /** Asks for a whole number, with this one filled in. */
  number?: number
  /** Asks for keys with values, with these filled in. */
  pairs?: Record<string, string>
  /** Says what is wrong with the pairs; they cannot be confirmed then. */
  check?(pairs: readonly Pair[]): string | undefined
  /** Asks for these; the answer has them by name. Those without `options` are typed, and none may stay empty. */
  fields?: Field[]
  /** Words of something that may be wished besides; the answer is `ticked` then. */
  tick?: string
  /** Has to be typed before it can be confirmed. */
  typed?: string
}

/** A text to fill in, or to choose where there are options; its value is answered under its name. */
export interface Field {
  name: string
  label: string
  /** Filled in. */
  value: string
  options?: Array<{ value: string; text: string }>
}

/** A label or an annotation while it is edited. */
export interface Pair {
  key: string
  value: string
}

/** False when cancelled; what was asked for, or true, when confirmed. */
export type Reply = number | boolean | 'ticked' | Record<string, string>

/** A sentence that stands in the corner; the newest few are shown. */
export interface Toast {
  id: number
  kind: 'info' | 'error'
  text: string
}

/** Milliseconds that a message passes by in. */
const passing = 5_000
/** As many as stand above each other; older ones make room. */
const mostToasts = 5

/** What lies over the pages: palette, sheet, questions, messages. */
export const useUi = defineStore('ui', () => {
  const palette = ref(false)
  const sheet = ref(false)
  const settled = shallowRef<readonly KubeObject[]>([])
  const question = ref<Question & { answer: (value: Reply) => void }>()
  const messages = useMessages()
  const { toasts, toast, dismiss } = useToasts(messages.note)

  /** Runs something that may fail and shows the failure in its own words. */
  async function attempt(run: () => Promise<void>): Promise<void> {
    try {
      await run()
    } catch (error) {
      toast('error', error instanceof Error ? error.message : String(error))
    }
  }
  return {
    palette,
    sheet,
    question,
    toasts,
    toast,
    dismiss,
    ask: (asked: Question): Promise<Reply> =>
      new Promise((resolve) => {
        question.value = {
          ...asked,
          answer(value) {
            question.value = undefined
            resolve(value)
          },
        }
      }),
    attempt,
    /** What the last action on several objects was done to while it failed for others. */
    settled,
    settle(objects: readonly KubeObject[]) {
      settled.value = objects
    },
    /** Puts a text on the clipboard, and says so in these words. */
    copy: (text: string, said: string): Promise<void> =>
      attempt(async () => {
        await navigator.clipboard.writeText(text)
        toast('info', said)
      }),
  }
})

/** Short messages, the latest last; `note` keeps each of them. */
function useToasts(note: (kind: Toast['kind'], text: string) => void) {
  const toasts = ref<Toast[]>([])
  let last = 0

  /** What was done passes by; what failed stays until it is closed (WCAG 2.2.1), once however often it fails the same way. */
  function toast(kind: Toast['kind'], text: string): void {
    const id = ++last
    note(kind, text)
    const others = toasts.value.filter((one) => one.kind !== kind || one.text !== text)
    toasts.value = [...others, { id, kind, text }].slice(-mostToasts)
    if (kind === 'info') setTimeout(() => dismiss(id), passing)
  }
  function dismiss(id: number): void {
    toasts.value = toasts.value.filter((one) => one.id !== id)
  }
  return { toasts, toast, dismiss }
}
