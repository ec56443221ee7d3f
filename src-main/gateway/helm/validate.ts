import { isAbsolute } from 'node:path'
import {
  NAMESPACE_FORM,
  RELEASE_NAME_FORM,
  type ChartReference,
  type NewRepository,
  type ReleaseName,
  type ReleaseWish,
} from '../../../src-wire/gateway/helm.ts'
import { UserError } from '../../cluster/user-error.ts'

/** Bytes of values that are taken: a release, which holds them, is a Secret of at most 1 MiB. */
const MOST_VALUES = 1 << 20
/** Seconds. */
const LONGEST = 24 * 3600

/** Throws a {@link UserError} when helm could take a name for something else, or would refuse it anyway. */
export function checkRelease({ namespace, name }: ReleaseName): void {
  if (!isText(name) || !RELEASE_NAME_FORM.test(name))
    throw new UserError(
      `"${name}" cannot be the name of a release.`,
      'Use at most 53 lower-case letters, digits, dashes and dots.',
    )
  if (!isText(namespace) || !NAMESPACE_FORM.test(namespace))
    throw new UserError(
      `"${namespace}" cannot be the name of a namespace.`,
      'Use at most 63 lower-case letters, digits and dashes.',
    )
}

/** Throws a {@link UserError} unless the chart is written as its source wants it. */
export function checkChart({ source, chart, version }: ChartReference): void {
  const isFit = { repository: isInRepository, address: isAddress, path: isPath }[source]
  if (!isText(chart) || !isFit?.(chart))
    throw new UserError(`"${chart}" does not name a chart.`, chartForms[source] ?? 'Choose where the chart comes from.')
  if (version !== undefined && !(isText(version) && /^[\w.^~<>=|, *+-]{1,100}$/.test(version) && version[0] !== '-'))
    throw new UserError(`"${version}" is not a version.`, 'Write one as 1.2.3, or a range as ^1.2.')
}

const chartForms: Record<ChartReference['source'], string> = {
  repository: 'Write it as repository/chart.',
  address: 'Write an address that begins with oci:// or https://.',
  path: 'Write the whole path of its folder or its .tgz file.',
}

/** Throws a {@link UserError} for what {@link checkRelease} and {@link checkChart} refuse, and for values or times beyond all measure. */
export function checkWish(wish: ReleaseWish): void {
  checkRelease(wish)
  checkChart(wish.chart)
  if (!isText(wish.values) || Buffer.byteLength(wish.values) > MOST_VALUES)
    throw new UserError('The values are longer than 1 MiB.', 'No release can hold them.')
  const { timeout = 1 } = wish
  if (!Number.isInteger(timeout) || timeout < 1 || timeout > LONGEST)
    throw new UserError(`${timeout} is not a time to wait.`, `Use 1 to ${LONGEST} seconds.`)
}

/** Throws a {@link UserError} for what helm would take for something else. */
export function checkRepository({ name, url, user, password }: NewRepository): void {
  checkRepositoryName(name)
  if (!isText(url) || !/^https?:/.test(url) || !isAddress(url))
    throw new UserError(`"${url}" is not the address of a repository.`, 'Write one that begins with https://.')
  for (const word of [user, password])
    if (word !== undefined && !(isText(word) && word.length < 1024 && !/[\0\r\n]/.test(word)))
      throw new UserError('User and password are one line each.', 'Leave them empty when the repository asks for none.')
  if (password && !user) throw new UserError('A password needs a user.', 'Write whose it is.')
}

/** Throws `UserError` for what could not be a name, or could be read as an option. */
export function checkRepositoryName(name: string): void {
  if (!isText(name) || !/^[A-Za-z0-9][\w.-]{0,62}$/.test(name))
    throw new UserError(
      `"${name}" cannot be the name of a repository.`,
      'Use letters, digits, dots and dashes, and no slash.',
    )
}

/** Throws a {@link UserError} unless it counts revisions. */
export function checkRevision(revision: number): void {
  if (!Number.isInteger(revision) || revision < 1)
    throw new UserError(`"${revision}" is not a revision.`, 'Choose one that the release has.')
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isInRepository = (chart: string): boolean => /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/.test(chart)
const isAddress = (chart: string): boolean =>
  /^(oci|https?):\/\/\S+$/.test(chart) && URL.canParse(chart) && chart.length < 2048
const isPath = (chart: string): boolean => isAbsolute(chart) && !chart.includes('\0') && chart.length < 4096
