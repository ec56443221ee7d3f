import { storeToRefs } from 'pinia'
import { computed, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { useSettings } from '../stores/settings.ts'
import type { LogLine } from './log-lines.ts'
import { isHit, patternOf, type LogPattern } from './log-search.ts'

/** What is sought in a log's lines, and what was found. A find is named by its line, so that it stays while others come. */
export interface LogSearch {
  text: Ref<string>
  regex: Ref<boolean>
  matchCase: Ref<boolean>
  /** Lines without a find are left out. */
  onlyHits: Ref<boolean>
  found: ComputedRef<LogPattern>
  /** Lines to be drawn. */
  shown: ComputedRef<readonly LogLine[]>
  /** Those with a find; empty while nothing is sought. */
  hits: ComputedRef<readonly LogLine[]>
  /** The find one is at, until it is looked for anew. */
  current: ShallowRef<LogLine | undefined>
  /** Its place among {@link hits}, from 1; 0 when there is none. */
  position: ComputedRef<number>
  /** Goes to the next find (`by` 1) or the one before (-1), the first time from line `from` of {@link shown}; behind the last comes the first. */
  step(by: 1 | -1, from: number): LogLine | undefined
}

/**
 * Seeks in lines that keep coming. Each line is looked at once for a pattern: an expression costs much more than remembering
 * what it said.
 */
export function useLogSearch(lines: ComputedRef<readonly LogLine[]>): LogSearch {
  const text = ref('')
  const { logRegex: regex, logMatchCase: matchCase, logOnlyHits: onlyHits } = storeToRefs(useSettings())
  const current = shallowRef<LogLine>()
  const found = computed(() => patternOf({ text: text.value, regex: regex.value, matchCase: matchCase.value }))
  const isFound = rememberedHits()
  const hits = computed(() => {
    const { pattern } = found.value
    return pattern ? lines.value.filter((line) => isFound(line, pattern)) : []
  })
  const shown = computed(() => (onlyHits.value && found.value.pattern ? hits.value : lines.value))
  const position = computed(() => (current.value ? hits.value.indexOf(current.value) + 1 : 0))
  watch(found, () => (current.value = undefined))

  /** The find at or after a line on screen; going up, the one at or before it. */
  const nearest = (by: 1 | -1, from: number): LogLine | undefined => {
    const among = new Set(hits.value)
    for (let at = from; at >= 0 && at < shown.value.length; at += by) {
      const line = shown.value[at]!
      if (among.has(line)) return line
    }
    return by > 0 ? hits.value[0] : hits.value.at(-1)
  }
  return {
    text,
    regex,
    matchCase,
    onlyHits,
    found,
    shown,
    hits,
    current,
    position,
    step(by, from) {
      const count = hits.value.length
      const at = position.value - 1
      current.value = at < 0 ? nearest(by, from) : hits.value[(at + by + count) % count]
      return current.value
    },
  }
}

/** Whether a line has a find, looked for once a pattern. */
function rememberedHits(): (line: LogLine, pattern: RegExp) => boolean {
  let looked = new WeakMap<LogLine, boolean>()
  let lookedFor: RegExp | undefined
  return (line, pattern) => {
    if (lookedFor !== pattern) looked = new WeakMap()
    lookedFor = pattern
    let hit = looked.get(line)
    if (hit === undefined) looked.set(line, (hit = isHit(line.text, pattern)))
    return hit
  }
}
