import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref } from 'vue'
import { isNotFound } from '../../src-kube/machinery/errors.ts'
import type { Kube } from '../api/kube.ts'
import type { KindView } from '../kinds/view.ts'
import { askRevisions, joined, rowsOf, type ObjectName, type RevisionPage, type RevisionRow } from './revisions.ts'

/** Revisions that are asked for at once. */
const page = 50
/** Of an object that has just changed. */
const few = 5

interface Revisions {
  rows: ComputedRef<RevisionRow[]>
  more: ComputedRef<boolean>
  /** False until the server has answered. */
  isAsked: Ref<boolean>
  problem: Ref<string>
  /** Adds a page of older ones. */
  older(): Promise<void>
}

/**
 * What was written to an object, kept current: it is asked for again whenever `version` is another.
 * Must be called in setup.
 */
export function useRevisions(kube: Kube, view: KindView, object: ObjectName, version: () => unknown): Revisions {
  const known = shallowRef<RevisionPage>({ revisions: [], more: false })
  const isAsked = ref(false)
  const problem = ref('')
  let latest = 0
  let isOver = false
  onScopeDispose(() => (isOver = true))

  const attempt = async (run: () => Promise<RevisionPage>): Promise<void> => {
    const mine = ++latest
    let words = ''
    let found: RevisionPage | undefined
    try {
      found = await run()
    } catch (error) {
      // Nothing of that name was written as far back as is kept.
      if (isNotFound(error)) found = { revisions: [], more: false }
      else words = (error as Error).message
    }
    if (isOver || mine !== latest) return
    if (found) known.value = found
    problem.value = words
    isAsked.value = true
  }
  const newest = async (): Promise<RevisionPage> => {
    if (known.value.revisions.length > 0) {
      const together = joined(await askRevisions(kube, view, object, { limit: few }), known.value)
      if (together) return together
    }
    return askRevisions(kube, view, object, { limit: page })
  }
  watch(version, () => attempt(newest), { immediate: true })
  return {
    rows: computed(() => rowsOf(known.value)),
    more: computed(() => known.value.more),
    isAsked,
    problem,
    older: () =>
      attempt(async () => {
        const { revisions } = known.value
        const before = revisions.at(-1)?.resourceVersion
        const next = await askRevisions(kube, view, object, { limit: page, before })
        return { revisions: [...revisions, ...next.revisions], more: next.more }
      }),
  }
}
