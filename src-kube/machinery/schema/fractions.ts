import { badRequest } from '../errors.ts'
import type { WrittenNumber } from '../key-places.ts'
import type { FieldType, StructSchema } from './types.ts'

/**
 * Refuses whole numbers that JSON writes with a fraction or an exponent where a type has integers: Go's decoder takes `1`, not `1.0`, which are one
 * value to JavaScript. Of YAML, and of custom resources, both are taken. Throws `StatusError` 400 in Go's words for the first of them.
 */
export function refuseFractions(schema: StructSchema, numbers: readonly WrittenNumber[]): void {
  const { groupVersion, type } = schema
  for (const { path, written } of numbers) {
    const into = integerAt(schema, path)
    if (!into) continue
    const version = groupVersion.split('/').at(-1)!
    throw badRequest(
      `${type} in version "${version}" cannot be handled as a ${type}: json: cannot unmarshal number ${written} into Go ${into}`,
    )
  }
}

/** The integer at a path, as Go's decoder names it; undefined for what is none, and for a path that the schema does not have. */
function integerAt(schema: StructSchema, path: string): string | undefined {
  let type: Pick<FieldType, 'kind' | 'go' | 'struct' | 'element'> | undefined = {
    kind: 'struct',
    go: '',
    struct: schema,
  }
  let within = schema.type
  for (const step of path.match(/[^.[\]]+/g) ?? []) {
    if (type?.struct) within = type.struct.type
    type = type?.struct ? type.struct.fields.get(step)?.type : type?.element
  }
  const go = type?.kind === 'intOrString' ? 'int32' : type?.kind === 'int' ? type.go : undefined
  return go && `struct field ${within}.${path.replaceAll(/\[\d+\]/g, '')} of type ${go}`
}
