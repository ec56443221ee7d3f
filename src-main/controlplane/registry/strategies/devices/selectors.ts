import type { DeviceConfiguration, DeviceSelector } from '#types/resource.k8s.io/v1'
import { compileDeviceSelector } from '../../../../../src-kube/kinds/resource/device-cel.ts'
import { checkPatterns } from '../../../../../src-kube/machinery/cel/check-patterns.ts'
import { CelSyntaxError } from '../../../../../src-kube/machinery/cel/index.ts'
import { parse } from '../../../../../src-kube/machinery/cel/parser.ts'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isDns1123Subdomain } from '../../../../../src-kube/machinery/names.ts'

const LONGEST_DRIVER = 63
const LONGEST_EXPRESSION = 10 * 1024
/** The most that lists of claims, classes and requests hold. */
export const MOST_ENTRIES = 32

/** The error of a list that is longer than `most`, at the list. */
export function tooMany(list: readonly unknown[] | undefined, most: number, path: FieldPath): FieldError[] {
  const count = list?.length ?? 0
  if (count <= most) return []
  const message = `Too many: ${count}: must have at most ${most} items`
  return [{ type: 'FieldValueTooMany', field: path.toString(), message }]
}

/** What a driver of devices may be called. */
export function validateDriver(name: string | undefined, path: FieldPath): FieldError[] {
  if (!name) return [path.required()]
  const errors = name.length > LONGEST_DRIVER ? [path.tooLong(LONGEST_DRIVER)] : []
  return [...errors, ...isDns1123Subdomain(name).map((words) => path.invalid(name, words))]
}

/** Expressions about a device (kubernetes.io, "Dynamic Resource Allocation: Selectors"). */
export function validateSelectors(selectors: readonly DeviceSelector[] | undefined, path: FieldPath): FieldError[] {
  return [
    ...tooMany(selectors, MOST_ENTRIES, path),
    ...(selectors ?? []).flatMap(({ cel }, i) => {
      const at = path.index(i).child('cel')
      return cel ? validateExpression(cel.expression, at.child('expression')) : [at.required()]
    }),
  ]
}

function validateExpression(expression: string | undefined, path: FieldPath): FieldError[] {
  if (!expression?.trim()) return [path.required()]
  if (expression.length > LONGEST_EXPRESSION) return [path.tooLong(LONGEST_EXPRESSION)]
  try {
    compileDeviceSelector(expression)
    checkPatterns(parse(expression), expression)
    return []
  } catch (error) {
    if (error instanceof CelSyntaxError) return [path.invalid(expression, error.refusal)]
    throw error
  }
}

/** What is handed on to a driver. */
export function validateConfiguration({ opaque }: DeviceConfiguration, path: FieldPath): FieldError[] {
  const at = path.child('opaque')
  if (!opaque) return [at.required()]
  const errors = validateDriver(opaque.driver, at.child('driver'))
  const { parameters } = opaque as { parameters?: unknown }
  if (parameters === undefined || parameters === null) return [...errors, at.child('parameters').required()]
  const isObject = typeof parameters === 'object' && !Array.isArray(parameters)
  return isObject
    ? errors
    : [...errors, at.child('parameters').invalid('<value omitted>', 'parameters must be a valid JSON object')]
}
