import { computed, ref, watch, type ComputedRef, type Ref } from 'vue'
import { useKeys } from '../keys/use-keys.ts'
import { moveCursor, moveHead } from './grid-keys.ts'

/** The list that a cursor moves in, and what its keys do to a row. */
export interface GridCursorOptions {
  /** Keys of the rows, in order. */
  keys: () => readonly string[]
  /** How many headers are in sight. */
  heads: () => number
  /** Key of the row whose detail is open. */
  selected: () => string
  /** How many rows a page down goes. */
  page: () => number
  /** A row must come into sight. */
  reveal(index: number): void
  open(key: string): void
  mark(key: string): void
  /** Marks what lies between the row that was left and this one, both of them too. */
  markTo(key: string, from: string): void
  /** Sorts by a header, from 0. */
  sort(head: number): void
  /** Makes the column of a header wider or narrower by as many steps. */
  resize(head: number, steps: number): void
  /** A row that is marked; undefined where none is. */
  marked(): string | undefined
  /** Any other key while a row has the cursor; where none has, for one that is marked. */
  other(event: KeyboardEvent, key: string): void
}

/** Where the keyboard is in a list: on a row, by its key so that it stays while rows come and go, or on a header. */
export interface GridCursor {
  /** Key of the row that has the cursor. */
  key: Ref<string>
  /** Its index; -1 when there is none. */
  index: ComputedRef<number>
  /** The column whose header has the cursor, from 0; -1 while a row has it. */
  head: Ref<number>
  onKey(event: KeyboardEvent): void
  /** Puts the cursor on a row. */
  put(key: string): void
}

/** Where the cursor of a grid is and what keys do to it: up from the first row into the headers, down from there into the rows. */
export function useGridCursor(options: GridCursorOptions): GridCursor {
  const keys = useKeys()
  const key = ref('')
  const head = ref(-1)
  const index = computed(() => options.keys().indexOf(key.value))
  watch(options.selected, (selected) => selected && (key.value = selected), { immediate: true })

  /** Tells whether that was all; any other key goes on from the rows. */
  function onHeadKey(pressed: string): boolean {
    const sorts = pressed === 'Enter' || pressed === ' '
    const to = moveHead(pressed, head.value, options.heads() - 1)
    if (sorts) options.sort(head.value)
    else head.value = to ?? -1
    return sorts || to !== undefined
  }
  function onRowKey(event: KeyboardEvent): void {
    const moved = keys.isPressed(event, 'down') ? 'ArrowDown' : keys.isPressed(event, 'up') ? 'ArrowUp' : event.key
    const to = moveCursor(moved, index.value, options.keys().length, options.page())
    if (to !== undefined) {
      if (event.shiftKey) options.markTo(options.keys()[to]!, key.value)
      key.value = options.keys()[to]!
      options.reveal(to)
    } else if (index.value < 0) return toMarked(options, event)
    else if (keys.isPressed(event, 'open')) options.open(key.value)
    else if (keys.isPressed(event, 'mark')) options.mark(key.value)
    else return options.other(event, key.value)
    event.preventDefault()
  }
  return {
    key,
    index,
    head,
    put(row) {
      head.value = -1
      key.value = row
    },
    onKey(event) {
      const steps = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
      if (event.altKey && steps && head.value >= 0) {
        options.resize(head.value, steps)
        event.preventDefault()
      }
      if (head.value >= 0 && (event.ctrlKey || event.metaKey || event.altKey)) return
      const entersHead = head.value < 0 && event.key === 'ArrowUp' && index.value === 0
      if (entersHead) head.value = 0
      else if (head.value < 0 || !onHeadKey(event.key)) return onRowKey(event)
      event.preventDefault()
    },
  }
}

/** A key where no row has the cursor acts on what is marked. */
function toMarked({ marked, other }: GridCursorOptions, event: KeyboardEvent): void {
  const key = marked()
  if (key !== undefined) other(event, key)
}
