import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'

/** An invalid value that is not told: it is long, or nobody's to see. */
export const wrong = (path: FieldPath, words: string): FieldError => ({
  type: 'FieldValueInvalid',
  field: path.toString(),
  message: `Invalid value: ${words}`,
})
