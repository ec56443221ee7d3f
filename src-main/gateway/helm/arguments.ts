/** What helm is asked, as arguments. Everything here was checked before (`validate.ts`); options hold their value in one argument. */
import type { ChartReference, NewRepository, ReleaseName, ReleaseWish } from '../../../src-wire/gateway/helm.ts'

export const versionArguments = ['version', '--template={{.Version}}']
export const repositoriesArguments = ['repo', 'list', '--output=json']
export const updateArguments = ['repo', 'update']

/** The password goes to helm's input: what stands among arguments, everybody on the machine can read. */
export function addRepositoryArguments({ name, url, user }: NewRepository): string[] {
  return ['repo', 'add', name, url, ...(user ? [`--username=${user}`, '--password-stdin'] : [])]
}

export const removeRepositoryArguments = (name: string): string[] => ['repo', 'remove', name]

/** All charts, or all versions of one. */
export function searchArguments(chart?: string): string[] {
  return ['search', 'repo', '--output=json', ...(chart === undefined ? [] : ['--versions', chart])]
}

/** Prints a part of a chart, and changes nothing. */
export function showArguments(what: 'chart' | 'values' | 'readme', reference: ChartReference): string[] {
  return ['show', what, ...chartArguments(reference)]
}

/** `values` is the path of a file with them; `preview` renders and stores nothing. */
export function releaseArguments(
  verb: 'install' | 'upgrade',
  wish: ReleaseWish,
  { values, preview = false }: { values?: string | undefined; preview?: boolean } = {},
): string[] {
  return [
    verb,
    wish.name,
    ...chartArguments(wish.chart),
    `--namespace=${wish.namespace}`,
    ...(values === undefined ? [] : [`--values=${values}`]),
    ...(verb === 'upgrade' ? ['--reset-values'] : []),
    ...(verb === 'install' && wish.createNamespace ? ['--create-namespace'] : []),
    ...(wish.wait && !preview ? ['--wait'] : []),
    ...(wish.timeout === undefined ? [] : [`--timeout=${wish.timeout}s`]),
    ...(preview ? ['--dry-run=server', '--output=json'] : []),
    ...(wish.verbose && !preview ? ['--debug'] : []),
  ]
}

/** Goes back to that revision, which becomes a new one. */
export function rollbackArguments(wish: ReleaseName & { revision: number; wait?: boolean }): string[] {
  const { name, namespace, revision, wait } = wish
  return ['rollback', name, String(revision), `--namespace=${namespace}`, ...(wait ? ['--wait'] : [])]
}

/** Removes a release, with its revisions unless they are to be kept. */
export function uninstallArguments(wish: ReleaseName & { keepHistory?: boolean; wait?: boolean }): string[] {
  const { name, namespace, keepHistory, wait } = wish
  return [
    'uninstall',
    name,
    `--namespace=${namespace}`,
    ...(keepHistory ? ['--keep-history'] : []),
    ...(wait ? ['--wait'] : []),
  ]
}

function chartArguments({ chart, version }: ChartReference): string[] {
  return [chart, ...(version ? [`--version=${version}`] : [])]
}
