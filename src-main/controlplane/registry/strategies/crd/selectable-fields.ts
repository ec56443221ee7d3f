import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import type { JsonSchema } from '../../../../../src-kube/machinery/structural/types.ts'

const MOST_FIELDS = 8
const plain = ['string', 'boolean', 'integer']

/** Fields that a version offers to selectors: plain values that its schema names, outside of metadata and lists (KEP-4358). */
export function validateSelectableFields(
  fields: ReadonlyArray<{ jsonPath?: string }>,
  schema: JsonSchema | undefined,
  at: FieldPath,
): FieldError[] {
  const seen = new Set<string>()
  const errors = fields.flatMap(({ jsonPath = '' }, i) => {
    const where = at.index(i).child('jsonPath')
    if (jsonPath === '') return [where.required()]
    const found = findField(schema ?? {}, jsonPath)
    if (typeof found === 'string') return [where.invalid(jsonPath, `is an invalid path: ${found}`)]
    const wrong: FieldError[] = []
    if (found.names[0] === 'metadata') wrong.push(where.invalid(jsonPath, 'must not point to fields in metadata'))
    if (!plain.includes(found.schema.type ?? ''))
      wrong.push(
        where.invalid(
          jsonPath,
          'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        ),
      )
    if (seen.has(jsonPath)) wrong.push(where.duplicate(jsonPath))
    seen.add(jsonPath)
    return wrong
  })
  return seen.size > MOST_FIELDS ? [...errors, at.tooMany(seen.size, MOST_FIELDS)] : errors
}

/** What stands at a path of names and keys of maps, each behind a dot; what is wrong with the path where there is nothing. */
function findField(schema: JsonSchema, jsonPath: string): { names: string[]; schema: JsonSchema } | string {
  const tokens = jsonPath.match(/[.[\]]|[^.[\]]+/g) ?? []
  const names: string[] = []
  let found = schema
  for (let i = 0; i < tokens.length; i += 2) {
    const [dot, name] = [tokens[i]!, tokens[i + 1]]
    if (dot === '[') return 'array notation is not allowed'
    if (dot !== '.') return `expected [ or . but got: ${dot}`
    if (name === undefined) return 'unexpected end of JSON path'
    const { properties, additionalProperties }: JsonSchema = found
    const below = properties
      ? Object.hasOwn(properties, name) && properties[name]
      : typeof additionalProperties === 'object' && additionalProperties
    if (!below) return 'does not refer to a valid field'
    names.push(name)
    found = below
  }
  return { names, schema: found }
}
