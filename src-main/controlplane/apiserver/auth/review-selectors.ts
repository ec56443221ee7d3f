import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../src-kube/machinery/field-path.ts'

/** A selector of what is asked about, as text or in parts (KEP-4601, "Authorize with selectors"). */
export interface ReviewSelector {
  rawSelector?: string
  requirements?: Array<{ key?: string; operator?: string; values?: string[] }>
}

const WITH_VALUES = ['In', 'NotIn']
const WITHOUT = ['Exists', 'DoesNotExist']

/** What is wrong with a selector. */
export function selectorErrors(selector: ReviewSelector | undefined, at: FieldPath): FieldError[] {
  if (!selector) return []
  const { rawSelector = '', requirements = [] } = selector
  const errors: FieldError[] = []
  if (rawSelector !== '' && requirements.length > 0)
    errors.push(at.child('rawSelector').invalid(rawSelector, 'may not specified at the same time as requirements'))
  if (rawSelector === '' && requirements.length === 0)
    errors.push(
      at.child('requirements').required(`when ${at.toString()} is specified, requirements or rawSelector is required`),
    )
  for (const [i, { key = '', operator = '', values = [] }] of requirements.entries()) {
    const here = at.child('requirements').index(i)
    if (key === '') errors.push(here.child('key').required('must be specified'))
    if (WITH_VALUES.includes(operator) && values.length === 0)
      errors.push(here.child('values').required("must be specified when `operator` is 'In' or 'NotIn'"))
    if (WITHOUT.includes(operator) && values.length > 0)
      errors.push(here.child('values').forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
    if (![...WITH_VALUES, ...WITHOUT].includes(operator))
      errors.push(here.child('operator').notSupported(operator, ['DoesNotExist', 'Exists', 'In', 'NotIn']))
  }
  return errors
}

/** A field selector as a request would have it: what cannot be said in one asks for everything. */
export function fieldSelectorText({ rawSelector = '', requirements = [] }: ReviewSelector = {}): string {
  if (rawSelector !== '') return rawSelector
  return requirements
    .filter(({ operator = '', values = [] }) => WITH_VALUES.includes(operator) && values.length === 1)
    .map(({ key, operator, values }) => `${key}${operator === 'In' ? '=' : '!='}${values![0]}`)
    .join(',')
}
