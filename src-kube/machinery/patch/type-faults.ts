import { pathText } from '../fields-v1/encode.ts'
import { elementOfItem, shapeOf } from '../fields-v1/shape.ts'
import { goMap, goSyntax } from '../go-map.ts'
import { isRecord } from '../record.ts'
import type { Field, FieldType, StructSchema } from '../schema/index.ts'

type Path = readonly string[]

/**
 * Everything in a configuration that its type has no place for, as a server-side apply tells it: all at once, each with its path, where a
 * decoder names only the first (reference: structured-merge-diff, `typed`). Empty when it all fits, and of what is no object. Pure.
 */
export function typeFaults(value: unknown, schema: StructSchema): string[] {
  return isRecord(value) ? inStruct(value, schema, []) : []
}

/** Several faults are a list, as structured-merge-diff words it. */
export const listOfFaults = (faults: readonly string[]): string =>
  faults.length === 1 ? faults[0]! : ['errors:', ...faults.map((fault) => `  ${fault}`)].join('\n')

function inStruct(value: unknown, { fields, open }: StructSchema, path: Path): string[] {
  if (value === null || value === undefined) return []
  if (!isRecord(value)) return [expected('map', `&{${goMap(value)}}`, path)]
  return Object.entries(value).flatMap(([name, one]) => {
    const field = fields.get(name)
    const at = [...path, `f:${name}`]
    if (field) return inPlace(one, field.type, at, field)
    return open ? [] : [`${pathText(at)}: field not declared in schema`]
  })
}

function inPlace(value: unknown, type: FieldType, path: Path, field?: Field): string[] {
  if (value === null || value === undefined) return []
  switch (type.kind) {
    case 'struct':
      return inStruct(value, type.struct, path)
    case 'map':
      if (!isRecord(value)) return [expected('map', `&{${goMap(value)}}`, path)]
      return Object.entries(value).flatMap(([name, one]) => inPlace(one, type.element, [...path, `f:${name}`]))
    case 'list':
      return inList(value, type, path, field)
    default:
      return inScalar(value, type.kind, path)
  }
}

function inList(value: unknown, type: FieldType & { kind: 'list' | 'map' }, path: Path, field?: Field): string[] {
  if (!Array.isArray(value)) return [expected('list', `&{${goMap(value)}}`, path)]
  const shape = shapeOf(type, field)
  return value.flatMap((item: unknown, i) => {
    const known = shape.kind === 'keyed' && isRecord(item)
    return inPlace(item, type.element, [...path, known ? elementOfItem(item, shape) : `i:${i}`])
  })
}

/** What may be a text or a number, and what JSON has no type of its own for, is as it is given. */
function inScalar(value: unknown, kind: string, path: Path): string[] {
  const whole = `&value.valueUnstructured{Value:${goSyntax(value)}}`
  if ((kind === 'string' || kind === 'bytes') && typeof value !== 'string') return [expected('string', whole, path)]
  if (kind === 'boolean' && typeof value !== 'boolean') return [expected('boolean', `&{${goMap(value)}}`, path)]
  const isNumber = kind === 'int' || kind === 'float'
  return isNumber && typeof value !== 'number'
    ? [expected('numeric (int or float)', '*value.valueUnstructured', path)]
    : []
}

const expected = (what: string, got: string, path: Path): string => `${pathText(path)}: expected ${what}, got ${got}`
