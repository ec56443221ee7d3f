import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { baseline, overridden } from './baseline.ts'
import type { Judged, Violation } from './check.ts'
import { restricted } from './restricted.ts'

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
const LEVELS: readonly Level[] = ['privileged', 'baseline', 'restricted']
const isLevel = (text: string): text is Level => LEVELS.some((level) => level === text)
const stricter = restrictedOf()

/**
 * What a namespace's labels ask for (kubernetes.io, "Enforce Pod Security Standards with Namespace Labels"). A level that is none is the
 * strictest to `enforce` and no level to the others. Without a label of its own, `warn` goes with `enforce`: so what makes pods is told of what
 * its pods will be refused for.
 */
export function policyOf(labels: Record<string, string> = {}): { policy: Policy; errors: FieldError[] } {
  const errors: FieldError[] = []
  const enforce = standardOf('enforce', labels, 'restricted', errors)
  const audit = standardOf('audit', labels, 'privileged', errors)
  const warn = standardOf('warn', labels, 'privileged', errors)
  if (labels[`${PREFIX}warn`] === undefined && enforce.level !== 'privileged') {
    warn.level = enforce.level
    if (labels[`${PREFIX}warn-version`] === undefined) warn.version = enforce.version
  }
  return { policy: { enforce, audit, warn }, errors }
}

function standardOf(mode: string, labels: Record<string, string>, otherwise: Level, errors: FieldError[]): Standard {
  const path = fieldPath('metadata', 'labels')
  const levelKey = PREFIX + mode
  const versionKey = `${levelKey}-version`
  const level = labels[levelKey] ?? 'privileged'
  const version = labels[versionKey] ?? 'latest'
  const known = isLevel(level)
  if (!known) errors.push(path.key(levelKey).invalid(level, `must be one of ${LEVELS.join(', ')}`))
  const dated = version === 'latest' || /^v1\.(0|[1-9]\d*)$/.test(version)
  if (!dated) errors.push(path.key(versionKey).invalid(version, 'must be "latest" or "v1.x"'))
  return { level: known ? level : otherwise, version: dated ? version : 'latest' }
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
