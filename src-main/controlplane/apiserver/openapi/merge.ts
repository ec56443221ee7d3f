type Json = Readonly<Record<string, unknown>>

/** An OpenAPI version 2 document as far as merging looks into it. */
export interface OpenapiV2 {
  paths?: Json
  definitions?: Json
  parameters?: Json
}

/** What a document says of one group version: its paths, and what they refer to. */
export function partOf({ paths = {}, definitions = {}, parameters = {} }: OpenapiV2, apiVersion: string): OpenapiV2 {
  const root = `/apis/${apiVersion}`
  const own = Object.entries(paths).filter(([path]) => path === root || path.startsWith(`${root}/`))
  const from = { '#/definitions/': definitions, '#/parameters/': parameters }
  const found = { '#/definitions/': new Map<string, unknown>(), '#/parameters/': new Map<string, unknown>() }
  const follow = (value: unknown): void =>
    eachReference(value, (prefix, name) => {
      if (found[prefix].has(name) || !(name in from[prefix])) return
      found[prefix].set(name, from[prefix][name])
      follow(from[prefix][name])
    })
  follow(own)
  for (const [name, definition] of Object.entries(definitions))
    if (describes(definition, apiVersion) && !found['#/definitions/'].has(name)) {
      found['#/definitions/'].set(name, definition)
      follow(definition)
    }
  return {
    paths: Object.fromEntries(own),
    definitions: Object.fromEntries(found['#/definitions/']),
    parameters: Object.fromEntries(found['#/parameters/']),
  }
}

/** Whether a definition is that of a kind of the group version. */
const describes = (definition: unknown, apiVersion: string): boolean => {
  const kinds = (definition as Json)['x-kubernetes-group-version-kind']
  return (
    Array.isArray(kinds) &&
    kinds.some(({ group, version }: { group?: string; version?: string }) => `${group}/${version}` === apiVersion)
  )
}

const REFERENCE = /^(#\/definitions\/|#\/parameters\/)(.*)$/

type Prefix = '#/definitions/' | '#/parameters/'

function eachReference(value: unknown, tell: (prefix: Prefix, name: string) => void): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, part] of Object.entries(value)) {
    const [, prefix, name] = (key === '$ref' && typeof part === 'string' && REFERENCE.exec(part)) || []
    if (prefix !== undefined) tell(prefix as Prefix, name!)
    else eachReference(part, tell)
  }
}

/**
 * The document with what others say of their group versions (reference: kube-aggregator's OpenAPI). Paths that are there stay; a definition of theirs that has a
 * name of ours and says something else gets another name, as upstream's does: `…_v2`.
 */
export function merged(own: OpenapiV2, others: readonly OpenapiV2[]): OpenapiV2 {
  const paths: Record<string, unknown> = { ...own.paths }
  const all = { '#/definitions/': { ...own.definitions }, '#/parameters/': { ...own.parameters } }
  for (const other of others) {
    const parts = { '#/definitions/': other.definitions ?? {}, '#/parameters/': other.parameters ?? {} }
    const names = { '#/definitions/': new Map<string, string>(), '#/parameters/': new Map<string, string>() }
    for (const prefix of Object.keys(parts) as Prefix[])
      for (const [name, part] of Object.entries(parts[prefix]))
        names[prefix].set(name, freeName(all[prefix], name, part))
    const renamed = (value: unknown): unknown => withNames(value, names)
    for (const prefix of Object.keys(parts) as Prefix[])
      for (const [name, part] of Object.entries(parts[prefix])) all[prefix][names[prefix].get(name)!] ??= renamed(part)
    for (const [path, item] of Object.entries(other.paths ?? {})) paths[path] ??= renamed(item)
  }
  return { ...own, paths, definitions: all['#/definitions/'], parameters: all['#/parameters/'] }
}

/** The name, unless something else has it; then the first of `…_v2`, `…_v3` that is free or the same. */
function freeName(known: Json, name: string, part: unknown): string {
  const text = JSON.stringify(part)
  const isFree = (one: string): boolean => !(one in known) || JSON.stringify(known[one]) === text
  if (isFree(name)) return name
  let i = 2
  while (!isFree(`${name}_v${i}`)) i++
  return `${name}_v${i}`
}

function withNames(value: unknown, names: Record<Prefix, ReadonlyMap<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((part) => withNames(part, names))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      const [, prefix, name] = (key === '$ref' && typeof part === 'string' && REFERENCE.exec(part)) || []
      if (prefix === undefined) return [key, withNames(part, names)]
      return [key, `${prefix}${names[prefix as Prefix].get(name!) ?? name}`]
    }),
  )
}
