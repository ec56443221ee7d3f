import {
  NAMESPACE_FORM,
  RELEASE_NAME_FORM,
  type ChartReference,
  type ReleaseName,
  type ReleaseWish,
} from '../../src-wire/gateway/helm.ts'
import { overridesOf } from './overrides.ts'

/** A form for a release as it was left: texts as they were typed. */
export interface ReleaseDraft extends ReleaseName {
  source: ChartReference['source']
  chart: string
  version: string
  createNamespace: boolean
  wait: boolean
  /** Seconds. */
  timeout: string | number
  verbose: boolean
  values: string
  /** Of an upgrade: the values that it began with; absent until they were read. */
  begun?: string
  /** The chart's own values, when it was read last. */
  defaults: string
  /** Which chart {@link defaults} are of, as {@link referenceText} writes it. */
  read: string
}

/** Fields of the form that can be wrong by what is typed there. */
export type DraftField = 'chart' | 'name' | 'namespace' | 'timeout'

export const emptyDraft = (release: Partial<ReleaseName> = {}): ReleaseDraft => ({
  source: 'repository',
  chart: '',
  version: '',
  name: '',
  namespace: 'default',
  createNamespace: true,
  wait: false,
  timeout: 300,
  verbose: false,
  values: '',
  defaults: '',
  read: '',
  ...release,
})

/** The chart a draft means; an empty version is left out, so that helm takes the latest. */
export function referenceOf({ source, chart, version }: ReleaseDraft): ChartReference {
  const wanted = version.trim()
  return { source, chart: chart.trim(), ...(wanted ? { version: wanted } : {}) }
}

export const referenceText = (reference: ChartReference): string => JSON.stringify(reference)

/** What is wrong, by field: the key of its words under `helm.form`. `taken` are the releases there are, as `namespace/name`. */
export function problemsOf(
  draft: ReleaseDraft,
  verb: 'install' | 'upgrade',
  taken: ReadonlySet<string>,
): Partial<Record<DraftField, string>> {
  const { name, namespace, chart, timeout } = draft
  const seconds = Number(timeout)
  const isTaken = verb === 'install' && taken.has(`${namespace}/${name}`)
  return {
    ...(chart.trim() === '' ? { chart: 'required' } : {}),
    ...(RELEASE_NAME_FORM.test(name) ? (isTaken ? { name: 'nameTaken' } : {}) : { name: 'nameHint' }),
    ...(NAMESPACE_FORM.test(namespace) ? {} : { namespace: 'namespaceHint' }),
    ...(Number.isInteger(seconds) && seconds >= 1 && seconds <= 86_400 ? {} : { timeout: 'timeoutHint' }),
  }
}

/**
 * What helm is asked for: at an installation only the values that differ from the chart's own, where these were read; at an upgrade those
 * that stand there.
 */
export function wishOf(draft: ReleaseDraft, verb: 'install' | 'upgrade'): ReleaseWish {
  const { name, namespace, values, defaults, wait, verbose, timeout } = draft
  const chart = referenceOf(draft)
  const knowsDefaults = draft.read === referenceText(chart)
  return {
    name,
    namespace,
    chart,
    values: verb === 'install' && knowsDefaults ? overridesOf(defaults, values) : values,
    ...(verb === 'install' ? { createNamespace: draft.createNamespace } : {}),
    wait,
    verbose,
    timeout: Number(timeout),
  }
}

/** A name that a release of a chart could have: the chart's own, as far as names go. */
export function nameFor(chart: string): string {
  const last = chart.split(/[/\\]/).findLast((part) => part !== '') ?? ''
  return last
    .replace(/(-\d[\w.+-]*)?\.tgz$/, '')
    .replace(/:.*$/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 53)
}
