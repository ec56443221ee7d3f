import { computed, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { useCluster } from '../api/context.ts'
import type { KindView } from '../kinds/view.ts'
import { schemasOf } from '../schema/schema-store.ts'
import { purposeOf, skeletonOf } from '../schema/skeleton.ts'

/** What an empty list shows of its kind. */
export interface Example {
  /** A manifest to begin with: one that works where we have one, else what the kind's schema requires. None where none may be created. */
  manifest: ComputedRef<string | undefined>
  /** What the kind is for. */
  purpose: ComputedRef<string | undefined>
  /** Fetches what the cluster knows of a kind that we know nothing of; never rejects. */
  load(): Promise<void>
}

/** What a person may begin with who has no object of a kind yet. Must be called in setup. */
export function useExample(view: () => KindView): Example {
  const { kube } = useCluster()
  const { t, te } = useI18n()
  const store = schemasOf(kube)
  const apiVersion = computed(() => (view().group ? `${view().group}/${view().version}` : view().version))
  const definitions = computed(() => store.schemas.value.get(apiVersion.value))
  return {
    manifest: computed(() => {
      const { example, verbs, kind } = view()
      if (example !== undefined) return example
      // Kinds of our own without an example are made by others: nodes, events.
      return view().table && verbs?.includes('create')
        ? skeletonOf({ apiVersion: apiVersion.value, kind }, definitions.value)
        : undefined
    }),
    purpose: computed(() => {
      const words = `purpose.${view().kind}`
      return te(words) ? t(words) : purposeOf(view().kind, definitions.value)
    }),
    load: () => (view().table ? store.want([apiVersion.value]) : Promise.resolve()),
  }
}
