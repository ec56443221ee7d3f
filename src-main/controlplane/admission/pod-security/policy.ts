import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { type FieldPath, fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { baseline, overridden } from './baseline.ts'
import type { Judged, Violation } from './check.ts'
import { restricted } from './restricted.ts'

/** Levels of the Pod Security Standards, from none to all of their checks. */
export type Level = 'privileged' | 'baseline' | 'restricted'

/** A level as of a version: `restricted:latest`, `baseline:v1.25`. */
export interface Standard {
  level: Level
  version: string
}

/**
 * The standards that a namespace's labels ask for (kubernetes.io, "Pod Security Admission"): what is refused, noted in the audit log, and
 * warned of.
 */
export interface Policy {
  enforce: Standard
  audit: Standard
  warn: Standard
}

/** Of the labels of a namespace that name its standards. */
export const PREFIX = 'pod-security.kubernetes.io/'
const levels: readonly Level[] = ['privileged', 'baseline', 'restricted']
const isLevel = (text: string): text is Level => levels.some((level) => level === text)
const stricter = restrictedOf()
const standard = (level: Level): Standard => ({ level, version: 'latest' })

/** What is asked of nobody. */
export const unrestricted: Policy = {
  enforce: standard('privileged'),
  audit: standard('privileged'),
  warn: standard('privileged'),
}
const inLabels = (key: string): FieldPath => fieldPath('metadata', 'labels').key(key)

/**
 * What a namespace's labels ask for (kubernetes.io, "Enforce Pod Security Standards with Namespace Labels"). A level that is none is the
 * strictest to `enforce` and no level to the others; what has no label is as by default. Without a label of its own, `warn` goes with an
 * `enforce` that is stricter: so what makes pods is told of what its pods will be refused for.
 */
export function policyOf(
  labels: Record<string, string> = {},
  defaults: Policy = unrestricted,
  place: (key: string) => FieldPath = inLabels,
): { policy: Policy; errors: FieldError[] } {
  const errors: FieldError[] = []
  const read = (mode: keyof Policy, otherwise: Level): Standard => {
    const { standard: found, faults } = standardOf(
      { key: PREFIX + mode, place, usual: defaults[mode] },
      labels,
      otherwise,
    )
    errors.push(...faults)
    return found
  }
  const [enforce, audit, warn] = [
    read('enforce', 'restricted'),
    read('audit', 'privileged'),
    read('warn', 'privileged'),
  ]
  const says = (mode: string): boolean => labels[PREFIX + mode] !== undefined
  if (says('enforce') && !says('warn') && strictness(enforce) > strictness(warn)) {
    warn.level = enforce.level
    if (!says('warn-version')) warn.version = enforce.version
  }
  return { policy: { enforce, audit, warn }, errors }
}

const strictness = ({ level }: Standard): number => levels.indexOf(level)

interface Place {
  key: string
  place(key: string): FieldPath
  usual: Standard
}

function standardOf({ key, place, usual }: Place, labels: Record<string, string>, otherwise: Level) {
  const versionKey = `${key}-version`
  const level = labels[key] ?? usual.level
  const version = labels[versionKey] ?? usual.version
  const faults: FieldError[] = []
  const known = isLevel(level)
  if (!known) faults.push(place(key).invalid(level, `must be one of ${levels.join(', ')}`))
  const dated = version === 'latest' || /^v1\.(0|[1-9]\d*)$/.test(version)
  if (!dated) faults.push(place(versionKey).invalid(version, 'must be "latest" or "v1.x"'))
  const found: Standard = { level: known ? level : otherwise, version: dated ? version : 'latest' }
  return { standard: found, faults }
}

export const nameOfStandard = ({ level, version }: Standard): string => `${level}:${version}`

/** Every rule of the standard that a pod breaks. */
export function evaluate({ level, version }: Standard, pod: Judged): Violation[] {
  if (level === 'privileged') return []
  const minor = version === 'latest' ? Number.MAX_SAFE_INTEGER : Number(version.slice('v1.'.length))
  return (level === 'baseline' ? baseline : stricter).flatMap((check) => {
    if ((check.since ?? 0) > minor) return []
    return check.judge(pod, minor) ?? []
  })
}

export const wordsOf = (violations: readonly Violation[]): string =>
  violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ')

function restrictedOf() {
  return [...baseline.filter((check) => !overridden.includes(check)), ...restricted]
}
