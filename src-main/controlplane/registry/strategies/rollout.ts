import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { nonNegative } from './checks.ts'

type IntOrPercent = number | string | undefined

interface UpdateStrategy {
  type?: string
  rollingUpdate?: { maxUnavailable?: number | string; maxSurge?: number | string; partition?: number }
}

const PERCENT_WORDS =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"

/** A count or a share (`25%`), neither below zero. */
export function intOrPercent(value: IntOrPercent, path: FieldPath): FieldError[] {
  if (typeof value !== 'string') return nonNegative(value, path)
  return /^[0-9]+%$/.test(value) ? [] : [path.invalid(value, PERCENT_WORDS)]
}

/** A percentage above 100 is an error; a number never is. */
export function atMost100Percent(value: IntOrPercent, path: FieldPath): FieldError[] {
  const over = typeof value === 'string' && /^[0-9]+%$/.test(value) && Number.parseInt(value, 10) > 100
  return over ? [path.invalid(value, 'must not be greater than 100%')] : []
}

const isZero = (value: IntOrPercent) => value === undefined || Number.parseInt(String(value), 10) === 0

/** How a kind replaces its pods (kubernetes.io, the "Update Strategy" part of each workload's page). */
export function validateRollout(kind: string, strategy: UpdateStrategy | undefined, path: FieldPath): FieldError[] {
  if (kind === 'Deployment') return deployment(strategy ?? {}, path)
  if (kind === 'DaemonSet') return daemonSet(strategy ?? {}, path)
  return kind === 'StatefulSet' ? statefulSet(strategy ?? {}, path) : []
}

function deployment(strategy: UpdateStrategy, path: FieldPath): FieldError[] {
  const { type, rollingUpdate: rolling } = strategy
  const at = path.child('rollingUpdate')
  if (type === 'Recreate')
    return rolling ? [at.forbidden("may not be specified when strategy `type` is 'Recreate'")] : []
  if (type !== 'RollingUpdate') return [path.notSupported(strategy, ['Recreate', 'RollingUpdate'])]
  if (!rolling) return [at.required('this should be defaulted and never be nil')]
  const errors = [
    ...intOrPercent(rolling.maxUnavailable, at.child('maxUnavailable')),
    ...intOrPercent(rolling.maxSurge, at.child('maxSurge')),
  ]
  if (isZero(rolling.maxUnavailable) && isZero(rolling.maxSurge))
    errors.push(at.child('maxUnavailable').invalid(rolling.maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
  return [...errors, ...atMost100Percent(rolling.maxUnavailable, at.child('maxUnavailable'))]
}

function daemonSet(strategy: UpdateStrategy, path: FieldPath): FieldError[] {
  const { type, rollingUpdate: rolling } = strategy
  const at = path.child('rollingUpdate')
  if (type === 'OnDelete') return []
  if (type !== 'RollingUpdate') return [path.notSupported(strategy, ['RollingUpdate', 'OnDelete'])]
  if (!rolling) return [at.required()]
  const errors = [
    ...intOrPercent(rolling.maxUnavailable, at.child('maxUnavailable')),
    ...atMost100Percent(rolling.maxUnavailable, at.child('maxUnavailable')),
    ...intOrPercent(rolling.maxSurge, at.child('maxSurge')),
    ...atMost100Percent(rolling.maxSurge, at.child('maxSurge')),
  ]
  const unavailable = !isZero(rolling.maxUnavailable)
  const surge = !isZero(rolling.maxSurge)
  if (unavailable && surge)
    errors.push(at.child('maxSurge').invalid(rolling.maxSurge, 'may not be set when maxUnavailable is non-zero'))
  if (!unavailable && !surge) errors.push(at.child('maxUnavailable').required('cannot be 0 when maxSurge is 0'))
  return errors
}

function statefulSet(strategy: UpdateStrategy, path: FieldPath): FieldError[] {
  const { type, rollingUpdate: rolling } = strategy
  const at = path.child('rollingUpdate')
  if (!type) return [path.required()]
  if (type === 'OnDelete')
    return rolling ? [at.invalid(rolling, "only allowed for updateStrategy 'RollingUpdate'")] : []
  if (type !== 'RollingUpdate') return [path.invalid(strategy, "must be 'RollingUpdate' or 'OnDelete'")]
  const errors = nonNegative(rolling?.partition, at.child('partition'))
  const most = rolling?.maxUnavailable
  if (most === undefined) return errors
  const where = at.child('maxUnavailable')
  errors.push(...intOrPercent(most, where))
  if (isZero(most)) errors.push(where.invalid(most, 'cannot be 0'))
  return [...errors, ...atMost100Percent(most, where)]
}
