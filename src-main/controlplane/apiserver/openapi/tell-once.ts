interface Definition {
  description?: string
  properties?: Record<string, { description?: string; $ref?: string; allOf?: Array<{ $ref?: string }> }>
  'x-kubernetes-group-version-kind'?: unknown
}

/** Fields that have words of their own wherever kinds have them. */
const conventional = new Set(['metadata', 'spec', 'status'])

/**
 * Takes the words from types that lent them to the fields that refer to them: `kubectl explain` of such a field shows its own words and then
 * those of its type. Kinds keep theirs. Changes the definitions.
 */
export function tellOnce(definitions: Record<string, unknown>): void {
  const lent = new Set<Definition>()
  for (const one of Object.values(definitions) as Definition[])
    for (const [name, { description, $ref, allOf }] of Object.entries(one.properties ?? {})) {
      const reference = $ref ?? allOf?.[0]?.$ref
      if (!description || !reference || conventional.has(name)) continue
      const type = definitions[reference.split('/').at(-1)!] as Definition | undefined
      if (type?.description === description && !type['x-kubernetes-group-version-kind']) lent.add(type)
    }
  for (const type of lent) delete type.description
}
