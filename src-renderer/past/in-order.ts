import { isRecord } from '../../src-kube/machinery/record.ts'

/** A value with its fields in the order in which another has them, so that a comparison of the two shows only what differs. */
export function inOrderOf(like: unknown, value: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(like)) return value.map((item, at) => inOrderOf(like[at], item))
  if (!isRecord(value) || !isRecord(like)) return value
  const names = [
    ...Object.keys(like).filter((name) => name in value),
    ...Object.keys(value).filter((name) => !(name in like)),
  ]
  return Object.fromEntries(names.map((name) => [name, inOrderOf(like[name], value[name])]))
}
