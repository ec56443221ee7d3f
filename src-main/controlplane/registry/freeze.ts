import { deepFreeze } from '../../../src-kube/machinery/deep-freeze.ts'

/** Whether shared objects are frozen: in tests, where a write to one is to be found. */
const FREEZING = typeof process !== 'undefined' && process.env['VITEST'] !== undefined

export function frozen<T>(value: T): T {
  return FREEZING ? deepFreeze(value) : value
}
