import { deepFreeze } from '../../../src-kube/machinery/deep-freeze.ts'

/** Whether shared objects are frozen: in tests, where a write to one is to be found. */
const freezing = typeof process !== 'undefined' && process.env['VITEST'] !== undefined

/** The value, frozen to its depths in tests alone: whoever writes into a shared object fails there, and nobody pays for it in production. */
export function frozen<T>(value: T): T {
  return freezing ? deepFreeze(value) : value
}
