import { badRequest, invalid, type FieldError } from '../../../../src-kube/machinery/errors.ts'

const listOptions = { group: 'meta.k8s.io', kind: 'ListOptions' }
const MATCH = 'resourceVersionMatch'

const forbidden = (field: string, why: string): FieldError => ({
  type: 'FieldValueForbidden',
  field,
  message: `Forbidden: ${why}`,
})

const unsupported = (value: string, supported: string): FieldError => ({
  type: 'FieldValueNotSupported',
  field: MATCH,
  message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`,
})

/** A whole number of the query, `undefined` when left out; throws 400 for anything else. Negative numbers are numbers. */
export function integerOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}

/** Throws 422 for options of a list that contradict each other (kubernetes.io, "Kubernetes API Concepts: Semantics for get and list"). */
export function checkListQuery(query: URLSearchParams): void {
  const errors: FieldError[] = []
  const match = query.get(MATCH)
  if (match) {
    if (!query.get('resourceVersion'))
      errors.push(forbidden(MATCH, 'resourceVersionMatch is forbidden unless resourceVersion is provided'))
    if (query.get('continue'))
      errors.push(forbidden(MATCH, 'resourceVersionMatch is forbidden when continue is provided'))
    if (match !== 'Exact' && match !== 'NotOlderThan') errors.push(unsupported(match, '"Exact", "NotOlderThan", ""'))
    if (match === 'Exact' && query.get('resourceVersion') === '0')
      errors.push(forbidden(MATCH, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
  }
  if (query.get('sendInitialEvents'))
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  if (errors.length > 0) throw invalid(listOptions, '', errors)
}

/** Throws 422 for options of a watch that contradict each other (KEP-3157). */
export function checkWatchQuery(query: URLSearchParams): void {
  const errors: FieldError[] = []
  const match = query.get(MATCH)
  const initial = query.has('sendInitialEvents')
  if (initial && match !== 'NotOlderThan')
    errors.push(forbidden(MATCH, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))
  if (match) {
    if (!initial)
      errors.push(forbidden(MATCH, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'))
    if (match !== 'NotOlderThan') errors.push(unsupported(match, '"NotOlderThan"'))
    if (query.get('continue'))
      errors.push(forbidden(MATCH, 'resourceVersionMatch is forbidden when continue is provided'))
  }
  if (errors.length > 0) throw invalid(listOptions, '', errors)
}
