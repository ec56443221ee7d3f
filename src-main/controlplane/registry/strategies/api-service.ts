import type { APIService } from '#types/apiregistration.k8s.io/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { isDns1035Label, isDns1123Subdomain, isPathSegment } from '../../../../src-kube/machinery/names.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import type { Strategy } from '../strategy.ts'
import { portNumber } from './checks.ts'

const path = fieldPath('spec')
const answers: readonly string[] = ['True', 'False', 'Unknown']
const MOST_GROUP = 20_000
const MOST_VERSION = 1000

/** Reference: kube-aggregator's `ValidateAPIService`. The name of the object says which group version it is for. */
export const apiServiceStrategy: Strategy<APIService> = {
  validateName: isPathSegment,
  prepareForCreate({ now }, object) {
    const local = {
      type: 'Available',
      status: 'True',
      lastTransitionTime: formatTime(now),
      reason: 'Local',
      message: 'Local APIServices are always available',
    }
    object['status'] = object.spec.service ? {} : { conditions: [local] }
  },
  prepareForUpdate(context, object, old) {
    if (context.subresource === '') object['status'] = old['status']
  },
  validateStatusUpdate: (_context, { status }) =>
    (status?.conditions ?? []).flatMap(({ status: answer }, i) =>
      answers.includes(answer)
        ? []
        : [fieldPath('status', 'conditions').index(i).child('status').notSupported(answer, answers)],
    ),
  validate(_context, object) {
    const { metadata } = object
    const spec: Partial<APIService['spec']> = object.spec
    const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0, service } = spec
    const errors: FieldError[] = []
    const required = `${version}.${group}`
    for (const field of ['generateName', 'name'] as const)
      if (metadata[field] && metadata[field] !== required)
        errors.push(
          fieldPath('metadata', field).invalid(
            metadata[field],
            `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(required)}`,
          ),
        )
    if (group === '' && version !== 'v1')
      errors.push(path.child('group').required('only v1 may have an empty group and it better be legacy kube'))
    if (group !== '') errors.push(...isDns1123Subdomain(group).map((w) => path.child('group').invalid(group, w)))
    errors.push(...isDns1035Label(version).map((w) => path.child('version').invalid(version, w)))
    errors.push(...priority(groupPriorityMinimum, MOST_GROUP, path.child('groupPriorityMinimum')))
    errors.push(...priority(versionPriority, MOST_VERSION, path.child('versionPriority')))
    if (!service) {
      if (spec.caBundle)
        errors.push(
          path.child('caBundle').invalid(`${spec.caBundle.length} bytes`, 'local APIServices may not have a caBundle'),
        )
      if (spec.insecureSkipTLSVerify)
        errors.push(
          path.child('insecureSkipTLSVerify').invalid(true, 'local APIServices may not have insecureSkipTLSVerify'),
        )
      return errors
    }
    const at = path.child('service')
    if (!service.namespace) errors.push(at.child('namespace').required())
    if (!service.name) errors.push(at.child('name').required())
    errors.push(...portNumber(service.port, at.child('port')))
    if (spec.insecureSkipTLSVerify && spec.caBundle)
      errors.push(path.child('insecureSkipTLSVerify').invalid(true, 'may not be true if caBundle is present'))
    return errors
  },
}

const priority = (value: number, most: number, at: FieldPath): FieldError[] =>
  value > 0 && value <= most ? [] : [at.invalid(value, `must be positive and less than ${most}`)]
