import type { Field, FieldType, StructSchema } from '../schema/index.ts'
import type { Random } from './random.ts'

const DEEPEST = 6

/**
 * Some object of a type: every field is there by chance, nested `DEEPEST` levels at most. Only what a server may send: no empty lists and
 * maps, no zero value where JSON leaves it out.
 */
export function randomObject(random: Random, schema: StructSchema, depth = 0): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  const often = depth < 2 ? 0.7 : 0.3
  for (const field of schema.fields.values()) {
    if (field.name === 'kind' || field.name === 'apiVersion') {
      if (depth > 0 && field.number !== undefined) result[field.name] = random.text()
    } else if (field.presence === 'required' || random.chance(often)) {
      const value = fieldValue(random, field, depth)
      if (value !== undefined) result[field.name] = value
    }
  }
  return result
}

/** Undefined where the value would be zero, or the object too deep. */
function fieldValue(random: Random, field: Field, depth: number): unknown {
  const made = value(random, field.type, depth + 1)
  const zero = made === '' || made === 0 || made === false
  return zero && !field.pointer && field.presence !== 'required' ? undefined : made
}

function value(random: Random, type: FieldType, depth: number): unknown {
  switch (type.kind) {
    case 'string':
      return random.chance(0.1) ? '' : random.text()
    case 'int':
      return random.chance(0.1) ? 0 : random.int(-(2 ** 31), 2 ** 31 - 1)
    case 'float':
      return random.int(-1000, 1000) / 8
    case 'boolean':
      return random.chance(0.5)
    case 'bytes':
      return btoa(String.fromCharCode(...random.list(() => random.int(0, 255), random.int(1, 9))))
    case 'quantity':
      return `${random.int(1, 9999)}${random.pick(['', 'm', 'k', 'Mi', 'Gi'])}`
    case 'time':
      return time(random, type.go)
    case 'intOrString':
      return random.chance(0.5) ? random.int(0, 65_535) : random.text()
    case 'object':
    case 'any':
      if (type.go === 'GroupResource') return { group: 'apps', resource: 'deployments' }
      if (type.go === 'GroupVersionKind') return { group: '', version: 'v1', kind: 'Pod' }
      if (type.go === 'Duration') return `${random.int(1, 1000) / 8}s`
      // Schemas within schemas, and what no schema may have.
      if (type.go === 'JSONSchemaDependencies') return undefined
      if (type.go === 'JSONSchemaPropsOrArray') return random.chance(0.5) ? someSchema(random) : [someSchema(random)]
      if (type.go === 'JSONSchemaPropsOrBool') return random.chance(0.5) ? someSchema(random) : random.chance(0.5)
      return { [random.text()]: random.list(() => random.text()), n: random.int(0, 9) }
    default:
      return depth > DEEPEST ? undefined : nested(random, type, depth)
  }
}

const someSchema = (random: Random): unknown => ({ type: `t${random.text()}`, properties: { a: { minimum: 1.5 } } })

function nested(random: Random, type: FieldType & { kind: 'struct' | 'list' | 'map' }, depth: number): unknown {
  if (type.kind === 'struct') return randomObject(random, type.struct, depth)
  const items = random
    .list(() => value(random, type.element, depth + 1), random.int(1, 3))
    .filter((item) => item !== undefined)
  if (items.length === 0) return undefined
  return type.kind === 'list' ? items : Object.fromEntries(items.map((item, i) => [`${random.text()}${i}`, item]))
}

function time(random: Random, go: string): string {
  const seconds = new Date(random.int(1, 2 ** 31) * 1000).toISOString().slice(0, 19)
  return go.includes('Micro') ? `${seconds}.${String(random.int(0, 999_999)).padStart(6, '0')}Z` : `${seconds}Z`
}
