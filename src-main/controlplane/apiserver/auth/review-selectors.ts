import { StatusError, type FieldError } from '../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { parseFieldSelector } from '../../../../src-kube/machinery/fields.ts'
import { parseLabelSelector } from '../../../../src-kube/machinery/labels.ts'
import { isLabelValue, isQualifiedName } from '../../../../src-kube/machinery/names.ts'

/** A selector of what is asked about, as text or in parts (KEP-4601, "Authorize with selectors"). */
export interface ReviewSelector {
  rawSelector?: string
  requirements?: Requirement[]
}

interface Requirement {
  key?: string
  operator?: string
  values?: string[]
}

const withValues = ['In', 'NotIn']
const without = ['Exists', 'DoesNotExist']

/** What is wrong with a selector of fields. */
export const fieldSelectorErrors = (selector: ReviewSelector | undefined, at: FieldPath): FieldError[] =>
  selectorErrors(selector, at, ({ key = '', ...rest }, here) => [
    ...(key === '' ? [here.child('key').required('must be specified')] : []),
    ...amountErrors(rest, here),
  ])

/** What is wrong with a selector of labels. */
export const labelSelectorErrors = (selector: ReviewSelector | undefined, at: FieldPath): FieldError[] =>
  selectorErrors(selector, at, ({ key = '', ...rest }, here) => [
    ...amountErrors(rest, here),
    ...isQualifiedName(key).map((words) => here.child('key').invalid(key, words)),
    ...(rest.values ?? []).flatMap((value, i) =>
      isLabelValue(value).map((words) => here.child('values').index(i).invalid(value, words)),
    ),
  ])

function selectorErrors(
  selector: ReviewSelector | undefined,
  at: FieldPath,
  errorsOf: (requirement: Requirement, at: FieldPath) => FieldError[],
): FieldError[] {
  if (!selector) return []
  const { rawSelector = '', requirements = [] } = selector
  const errors: FieldError[] = []
  if (rawSelector !== '' && requirements.length > 0)
    errors.push(at.child('rawSelector').invalid(rawSelector, 'may not specified at the same time as requirements'))
  if (rawSelector === '' && requirements.length === 0)
    errors.push(
      at.child('requirements').required(`when ${at.toString()} is specified, requirements or rawSelector is required`),
    )
  return [...errors, ...requirements.flatMap((one, i) => errorsOf(one, at.child('requirements').index(i)))]
}

/** Operators that nobody knows are those of a newer client: they are passed over when it comes to judging. */
function amountErrors({ operator = '', values = [] }: Requirement, at: FieldPath): FieldError[] {
  if (withValues.includes(operator) && values.length === 0)
    return [at.child('values').required("must be specified when `operator` is 'In' or 'NotIn'")]
  if (without.includes(operator) && values.length > 0)
    return [at.child('values').forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
  return []
}

/** How much of a selector could be judged by; what could not asks for more, never for less. */
type Understood = 'wholly' | 'partially' | 'not'

/** A field selector as a request would have it: what cannot be said in one asks for everything. */
export function fieldSelectorText({ rawSelector = '', requirements = [] }: ReviewSelector = {}): string {
  if (rawSelector !== '') return parses(() => parseFieldSelector(rawSelector)) ? rawSelector : ''
  return requirements
    .filter(isSayable)
    .map(({ key, operator, values }) => `${key}${operator === 'In' ? '=' : '!='}${values![0]}`)
    .join(',')
}

const isSayable = ({ operator = '', values = [] }: Requirement): boolean =>
  withValues.includes(operator) && values.length === 1

const isKnown = ({ operator = '' }: Requirement): boolean => [...withValues, ...without].includes(operator)

/** What is to be told of selectors that were not understood, for `status.evaluationError`; `` when all were. */
export function selectorFaults(fields: ReviewSelector | undefined, labels: ReviewSelector | undefined): string {
  const found = {
    fieldSelector: understood(fields, parseFieldSelector, isSayable),
    labelSelector: understood(labels, parseLabelSelector, isKnown),
  }
  return Object.entries(found)
    .filter(([, how]) => how !== 'wholly')
    .map(([name, how]) => {
      const much = how === 'partially' ? 'partially ignored' : 'ignored'
      return `spec.resourceAttributes.${name} ${much} due to parse error`
    })
    .join('; ')
}

function understood(
  { rawSelector = '', requirements = [] }: ReviewSelector = {},
  parse: (text: string) => unknown,
  can: (requirement: Requirement) => boolean,
): Understood {
  if (rawSelector !== '') return parses(() => parse(rawSelector)) ? 'wholly' : 'not'
  const count = requirements.filter(can).length
  if (count === requirements.length) return 'wholly'
  return count > 0 ? 'partially' : 'not'
}

function parses(parse: () => unknown): boolean {
  try {
    parse()
    return true
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    return false
  }
}
