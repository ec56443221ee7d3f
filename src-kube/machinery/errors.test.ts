import { describe, expect, it } from 'vitest'
import * as errors from './errors.ts'
import { StatusError } from './errors.ts'
import { fieldPath } from './field-path.ts'

const pods = { group: '', resource: 'pods' }
const deployments = { group: 'apps', resource: 'deployments' }

describe('errors', () => {
  const cases: Array<[StatusError, number, string, string]> = [
    [errors.notFound(deployments, 'a'), 404, 'NotFound', 'deployments.apps "a" not found'],
    [errors.alreadyExists(pods, 'a'), 409, 'AlreadyExists', 'pods "a" already exists'],
    [
      errors.conflict(pods, 'a'),
      409,
      'Conflict',
      'Operation cannot be fulfilled on pods "a": the object has been modified; please apply your changes to the latest version and try again',
    ],
    [errors.conflict(pods, 'a', 'why'), 409, 'Conflict', 'Operation cannot be fulfilled on pods "a": why'],
    [errors.forbidden(pods, 'a', 'why'), 403, 'Forbidden', 'pods "a" is forbidden: why'],
    [errors.forbidden(deployments, '', 'why'), 403, 'Forbidden', 'deployments.apps is forbidden: why'],
    [errors.badRequest('why'), 400, 'BadRequest', 'why'],
    [errors.unauthorized(), 401, 'Unauthorized', 'Unauthorized'],
    [
      errors.methodNotSupported(pods, 'patch'),
      405,
      'MethodNotAllowed',
      'patch is not supported on resources of kind "pods"',
    ],
    [errors.unsupportedMediaType('why'), 415, 'UnsupportedMediaType', 'why'],
    [errors.expired('old'), 410, 'Expired', 'old'],
    [errors.tooManyRequests('slow', 3), 429, 'TooManyRequests', 'slow'],
    [errors.internalError(new Error('why')), 500, 'InternalError', 'Internal error occurred: why'],
    [errors.internalError('why'), 500, 'InternalError', 'Internal error occurred: why'],
  ]
  it.each(cases)('%o is %i %s', (error, code, reason, message) => {
    expect(error).toMatchObject({ code, reason, message })
    expect(error.toStatus()).toMatchObject({
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      code,
      reason,
      message,
    })
  })

  it('names group, kind and name in the details', () => {
    expect(errors.notFound(deployments, 'a').details).toEqual({ name: 'a', group: 'apps', kind: 'deployments' })
    expect(errors.forbidden(pods, '', 'x').details).toEqual({ kind: 'pods' })
    expect(errors.badRequest('x').toStatus()).not.toHaveProperty('details')
  })

  it('tells every field that is wrong', () => {
    const path = fieldPath('spec', 'replicas')
    const one = errors.invalid({ group: 'apps', kind: 'Deployment' }, 'a', [path.required()])
    expect(one.message).toBe('Deployment.apps "a" is invalid: spec.replicas: Required value')
    expect(one.details).toMatchObject({ name: 'a', group: 'apps', kind: 'Deployment' })
    const two = errors.invalid({ group: '', kind: 'Pod' }, '', [path.required('x'), path.invalid(-1, 'y')])
    expect(two.message).toBe(
      'Pod "" is invalid: [spec.replicas: Required value: x, spec.replicas: Invalid value: -1: y]',
    )
    expect(two.details).toEqual({
      kind: 'Pod',
      causes: [
        { reason: 'FieldValueRequired', message: 'Required value: x', field: 'spec.replicas' },
        { reason: 'FieldValueInvalid', message: 'Invalid value: -1: y', field: 'spec.replicas' },
      ],
    })
  })

  it('reads a status back', () => {
    const status = errors.notFound(pods, 'a').toStatus()
    expect(StatusError.from(status).toStatus()).toEqual(status)
    expect(StatusError.from({})).toMatchObject({ code: 500, reason: 'InternalError', message: 'unknown error' })
  })

  it('is recognised by reason', () => {
    expect(errors.isNotFound(errors.notFound(pods, 'a'))).toBe(true)
    expect(errors.isNotFound(new Error('NotFound'))).toBe(false)
    expect(errors.isConflict(errors.conflict(pods, 'a'))).toBe(true)
    expect(errors.isAlreadyExists(errors.alreadyExists(pods, 'a'))).toBe(true)
    expect(errors.isExpired(errors.expired('x'))).toBe(true)
    expect(errors.isExpired(StatusError.from({ reason: 'Gone' }))).toBe(true)
    expect(errors.isExpired(errors.badRequest('x'))).toBe(false)
    expect(errors.isConflict(null) || errors.isAlreadyExists(undefined) || errors.isExpired(undefined)).toBe(false)
  })
})

it('An error without a reason tells none', () => {
  expect(new StatusError(500, '', 'odd').toStatus()).not.toHaveProperty('reason')
})
