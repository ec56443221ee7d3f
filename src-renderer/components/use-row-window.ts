import { useElementSize, useEventListener, useTimeoutFn } from '@vueuse/core'
import { computed, ref, type Ref } from 'vue'
import { revealing, rowHeight, rowWindow, type RowWindow } from './row-window.ts'

/** Milliseconds after the last scroll when the rows' elements are put in the order in which they are read. */
const rest = 200

/** A row that is drawn, and the element that draws it. */
export interface DrawnRow {
  index: number
  /** Names the element that draws it. */
  slot: number
}

/**
 * The rows of `count` that are drawn in `viewport` now. While it is scrolled, elements keep their place in the document and are
 * only filled anew; when it rests they stand in the order of the rows, for who reads the document instead of looking at it.
 */
export function useRowWindow(viewport: Ref<HTMLElement | undefined>, count: () => number) {
  const { width, height } = useElementSize(viewport)
  const { top, moving, scrollTo, carry } = useScrollTop(viewport)
  /** The same object as long as the same rows are drawn. */
  const window = computed<RowWindow>((old) => {
    const next = rowWindow(top.value, height.value, count())
    return old && old.first === next.first && old.end === next.end && old.pool === next.pool ? old : next
  })
  const drawn = computed((): DrawnRow[] => {
    const { first, end, pool } = window.value
    const rows = Array.from({ length: end - first }, (_, at) => ({ index: first + at, slot: (first + at) % pool }))
    return moving.value ? rows.sort((a, b) => a.slot - b.slot) : rows
  })
  return {
    drawn,
    width,
    scrollTo,
    /** Indices of the rows in sight. */
    inSight(): { first: number; end: number } {
      const first = Math.floor(top.value / rowHeight)
      return { first, end: Math.min(count(), first + Math.ceil(height.value / rowHeight)) }
    },
    /**
     * Follows what is in sight when it moved by as many rows, as others came or went above it. Not at the very top, where new rows are to be
     * seen, nor while a person scrolls.
     */
    follow(rows: number): void {
      if (rows !== 0 && top.value !== 0 && !moving.value) carry(rows * rowHeight)
    },
    /** Scrolls no further than it takes to have the row in sight. */
    reveal(index: number) {
      if (!viewport.value) return
      const { scrollTop, clientHeight } = viewport.value
      const to = revealing(index, scrollTop, clientHeight)
      if (to !== scrollTop) scrollTo(to)
    },
  }
}

/** How far a viewport is scrolled, in pixels, and whether a person scrolls it just now. */
function useScrollTop(viewport: Ref<HTMLElement | undefined>) {
  const top = ref(0)
  const moving = ref(false)
  /** Where this module itself has scrolled to, until the browser tells of it. */
  let own = -1
  const settle = useTimeoutFn(() => (moving.value = false), rest, { immediate: false })
  useEventListener(
    viewport,
    'scroll',
    () => {
      top.value = viewport.value?.scrollTop ?? 0
      const isOwn = Math.abs(top.value - own) < 1
      own = -1
      if (isOwn) return
      moving.value = true
      settle.start()
    },
    { passive: true },
  )
  function scrollTo(at: number): void {
    if (!viewport.value) return
    viewport.value.scrollTop = at
    top.value = at
  }
  /** Scrolls by some pixels for what is shown, not for a person. */
  function carry(by: number): void {
    scrollTo(Math.max(0, top.value + by))
    own = viewport.value?.scrollTop ?? -1
  }
  return { top, moving, scrollTo, carry }
}
