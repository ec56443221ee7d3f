import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import type { JsonSchema } from '../../../../../src-kube/machinery/structural/types.ts'

const MOST_FIELDS = 8
const PLAIN = ['string', 'boolean', 'integer']

/** Fields that a version offers to selectors: plain values that its schema names, outside of metadata and lists (KEP-4358). */
export function validateSelectableFields(
  fields: ReadonlyArray<{ jsonPath?: string }>,
  schema: JsonSchema | undefined,
  at: FieldPath,
): FieldError[] {
  const seen = new Set<string>()
  const errors = fields.flatMap(({ jsonPath = '' }, i) => {
    const here = at.index(i)
    const where = here.child('jsonPath')
    if (jsonPath === '') return [where.required()]
    const found = schema && findField(schema, jsonPath)
    if (!found) return [where.invalid(jsonPath, 'is an invalid path: does not refer to a valid field')]
    const wrong: FieldError[] = []
    if (jsonPath === '.metadata' || jsonPath.startsWith('.metadata.'))
      wrong.push(here.invalid(jsonPath, 'must not point to fields in metadata'))
    if (!PLAIN.includes(found.type ?? ''))
      wrong.push(
        here.invalid(
          jsonPath,
          'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        ),
      )
    if (seen.has(jsonPath)) wrong.push(here.duplicate(jsonPath))
    seen.add(jsonPath)
    return wrong
  })
  if (seen.size > MOST_FIELDS)
    errors.push({
      type: 'FieldValueTooMany',
      field: at.toString(),
      message: `Too many: ${seen.size}: must have at most ${MOST_FIELDS} items`,
    })
  return errors
}

/** What everything has, whether a schema names it or not. */
const METADATA: JsonSchema = {
  type: 'object',
  properties: { name: { type: 'string' }, namespace: { type: 'string' }, generateName: { type: 'string' } },
}

/** The schema at a path of names apart by dots. */
function findField(schema: JsonSchema, jsonPath: string): JsonSchema | undefined {
  if (!/^(\.[A-Za-z_$][\w$-]*)+$/.test(jsonPath)) return undefined
  let found: JsonSchema | undefined = { ...schema, properties: { ...schema.properties, metadata: METADATA } }
  for (const name of jsonPath.slice(1).split('.')) {
    const properties: Record<string, JsonSchema> = found?.properties ?? {}
    found = Object.hasOwn(properties, name) ? properties[name] : undefined
  }
  return found
}
