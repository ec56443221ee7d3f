import type { ControllerRevision } from '#types/apps/v1'
import type { PodTemplate } from '#types/core/v1'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { Strategy } from '../strategy.ts'
import { immutable, nonNegative } from './checks.ts'
import { validatePodTemplate } from './pod/spec.ts'

export const podTemplateStrategy: Strategy<PodTemplate> = {
  validate: (_context, object) => validatePodTemplate(object.template, fieldPath('template')),
}

/** What a controller's object was at one time: it never changes. */
export const controllerRevisionStrategy: Strategy<ControllerRevision> = {
  validate: (_context, object) => [
    ...(object['data'] === undefined ? [fieldPath('data').required('data is mandatory')] : []),
    ...nonNegative(object.revision, fieldPath('revision')),
  ],
  validateUpdate: (_context, object, old) => immutable(object['data'], old['data'], fieldPath('data')),
}
