import { refDebounced } from '@vueuse/core'
import { computed, watch, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useCluster } from '../api/context.ts'
import type { KindName } from './complete.ts'
import { createNameSource, type NameSource } from './name-source.ts'
import { schemasOf } from './schema-store.ts'
import { validate, versionsIn, type Problem, type SchemasByVersion } from './validate.ts'

/** A problem in the words of the language that is on. */
export interface Mark extends Problem {
  message: string
}

/** What an editor needs to know of the cluster to help with a text. */
export interface YamlLanguage {
  schemas(): SchemasByVersion
  kinds(): readonly KindName[]
  /** Makes sure that {@link schemas} covers what the text names, as far as the cluster answers. */
  prepare(text: string): Promise<void>
  /** Names of what the cluster has. */
  names: NameSource
}

/** How long typing pauses before a text is checked, milliseconds. */
const pause = 200

/** Checks a text against the schemas of the cluster on screen while it is written. Must be called in setup. */
export function useValidation(text: Readonly<Ref<string>>) {
  const { kube, view, views } = useCluster()
  const { t } = useI18n()
  const store = schemasOf(kube)
  const settled = refDebounced(text, pause)
  watch(settled, (value) => void store.want(versionsIn(value)), { immediate: true })
  const problems = computed(() => validate(settled.value, store.schemas.value))
  const marks = computed(() =>
    problems.value.map((problem): Mark => ({ ...problem, message: t(`problems.${problem.code}`, problem.values) })),
  )
  const kinds = computed(() =>
    views.value.map(({ group, version, kind }) => ({ apiVersion: group ? `${group}/${version}` : version, kind })),
  )
  const language: YamlLanguage = {
    schemas: () => store.schemas.value,
    kinds: () => kinds.value,
    names: createNameSource(kube, view),
    prepare: (value) => store.want(versionsIn(value)),
  }
  /** Schemas that the text needs are still on their way. */
  const pending = computed(() => versionsIn(settled.value).some((one) => !store.schemas.value.has(one)))
  return { marks, language, pending, failure: store.failure }
}
