import { useLocalStorage } from '@vueuse/core'
import { computed, ref, shallowRef, watch, type Ref } from 'vue'
import { useRouter } from 'vue-router'
import type { ChartFacts, ChartReference, ReleaseName, ReleasePreview } from '../../src-wire/gateway/helm.ts'
import { useCluster } from '../api/context.ts'
import { emptyDraft, nameFor, problemsOf, referenceOf, referenceText, wishOf, type ReleaseDraft } from './draft.ts'
import { wordsOf, type HelmUse } from './use-helm.ts'

/** What stands beside the fields. */
export type View = 'values' | 'defaults' | 'preview' | 'readme'

/**
 * The form for a release: what is typed outlives navigation and reload until it is done. `release` is the one to upgrade; `taken` are the
 * names that are used, as `namespace/name`.
 */
export function useReleaseForm(helm: HelmUse, release: ReleaseName | undefined, taken: Ref<ReadonlySet<string>>) {
  const { id: cluster } = useCluster()
  const router = useRouter()
  const verb = release ? 'upgrade' : 'install'
  const place = release ? `${cluster}/${release.namespace}/${release.name}` : cluster
  const draft = useLocalStorage<ReleaseDraft>(`drydock.helm.${verb}.${place}`, emptyDraft(release), {
    mergeDefaults: true,
  })
  /** Where the charts of releases came from: helm itself does not note it. */
  const origins = useLocalStorage<Record<string, ChartReference>>('drydock.helm.origins', {})
  const isBusy = ref(false)

  async function submit(): Promise<void> {
    isBusy.value = true
    try {
      const wish = wishOf(draft.value, verb)
      if (!(await helm.change(verb, wish))) return
      const key = `${wish.namespace}/${wish.name}`
      origins.value = { ...origins.value, [`${cluster}/${key}`]: wish.chart }
      draft.value = emptyDraft(release)
      await router.push({ name: 'helm', params: { cluster }, query: { sel: key } })
    } finally {
      isBusy.value = false
    }
  }
  return {
    verb,
    draft,
    origin: release ? origins.value[place] : undefined,
    ...useChartOf(draft, helm, verb),
    ...usePreviewOf(draft, helm, verb),
    isBusy,
    problems: computed(() => problemsOf(draft.value, verb, taken.value)),
    submit,
  } as const
}

type Verb = 'install' | 'upgrade'

/** What the chart that a draft names says of itself. */
function useChartOf(draft: Ref<ReleaseDraft>, helm: HelmUse, verb: Verb) {
  const facts = shallowRef<ChartFacts>()
  const chartProblem = ref('')
  const isReading = ref(false)
  /** What is being read. */
  let reading = ''

  /** Reads the chart that is named; the values become its own unless somebody has edited them. */
  async function read(): Promise<void> {
    const reference = referenceOf(draft.value)
    const text = referenceText(reference)
    if (reading === text) return
    const isMeant = (): boolean => referenceText(referenceOf(draft.value)) === text
    facts.value = undefined
    chartProblem.value = ''
    isReading.value = reference.chart !== ''
    reading = isReading.value ? text : ''
    if (reading === '') return
    try {
      const found = await helm.act('helm.chart', reference)
      if (!isMeant()) return
      facts.value = found
      take(found, reference, text)
    } catch (error) {
      if (isMeant()) chartProblem.value = wordsOf(error)
    } finally {
      if (reading === text) {
        reading = ''
        isReading.value = false
      }
    }
  }
  function take(found: ChartFacts, reference: ChartReference, text: string): void {
    const { values, defaults, name } = draft.value
    const isUntouched = values.trim() === '' || values === defaults
    if (verb === 'install' && isUntouched) draft.value.values = found.values
    if (name === '') draft.value.name = nameFor(found.name || reference.chart)
    Object.assign(draft.value, { defaults: found.values, read: text })
  }
  return { facts, chartProblem, isReading, read }
}

/** What a draft would make of the cluster, as helm tells when it is asked. */
function usePreviewOf(draft: Ref<ReleaseDraft>, helm: HelmUse, verb: Verb) {
  const shown = shallowRef<ReleasePreview>()
  const previewProblem = ref('')
  const isRendering = ref(false)

  async function preview(): Promise<void> {
    previewProblem.value = ''
    isRendering.value = true
    const asked = JSON.stringify(draft.value)
    try {
      const made = await helm.act('helm.preview', { verb, wish: wishOf(draft.value, verb) })
      if (JSON.stringify(draft.value) === asked) shown.value = made
    } catch (error) {
      shown.value = undefined
      previewProblem.value = wordsOf(error)
    } finally {
      isRendering.value = false
    }
  }
  // A preview of something else would mislead.
  watch(draft, () => (shown.value = undefined), { deep: true })
  return { shown, previewProblem, isRendering, preview }
}
