import { load } from 'js-yaml'
import type { ChartFacts, ChartRepository, FoundChart, ReleasePreview } from '../../../src-wire/gateway/helm.ts'

/** Rows of a search that are passed on. */
const MOST_FOUND = 1000

/** What `helm search repo --output=json` answers; `only` keeps the versions of one chart, since helm searches by words. */
export function foundCharts(json: string, only?: string): FoundChart[] {
  return rows(json)
    .map((row) => ({
      name: textIn(row, 'name'),
      version: textIn(row, 'version'),
      appVersion: textIn(row, 'app_version'),
      description: textIn(row, 'description'),
    }))
    .filter(({ name }) => name !== '' && (only === undefined || name === only))
    .slice(0, MOST_FOUND)
}

/** What `helm repo list --output=json` answers. */
export function repositories(json: string): ChartRepository[] {
  return rows(json).map((row) => ({ name: textIn(row, 'name'), url: textIn(row, 'url') }))
}

/** What `helm show chart`, `values` and `readme` answer. */
export function chartFacts(said: { chart: string; values: string; readme: string }): ChartFacts {
  const chart = recordOf(load(said.chart.trim() || '{}'))
  return {
    name: textIn(chart, 'name'),
    version: textIn(chart, 'version'),
    appVersion: textIn(chart, 'appVersion'),
    description: textIn(chart, 'description'),
    values: said.values.trim() === '' ? '' : `${said.values.trim()}\n`,
    readme: said.readme.trim(),
  }
}

/** What a dry run with `--output=json` answers: the release as it would be stored. */
export function preview(json: string): ReleasePreview {
  const release = recordOf(JSON.parse(json))
  const hooks = Array.isArray(release['hooks']) ? release['hooks'].map(recordOf) : []
  return {
    manifest: textIn(release, 'manifest').trim(),
    hooks: hooks.map((hook) => `---\n${textIn(hook, 'manifest').trim()}`).join('\n'),
    notes: textIn(recordOf(release['info']), 'notes').trim(),
  }
}

function rows(json: string): Array<Record<string, unknown>> {
  const value: unknown = JSON.parse(json)
  return Array.isArray(value) ? value.map(recordOf) : []
}

const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

function textIn(row: Record<string, unknown>, name: string): string {
  const value = row[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
