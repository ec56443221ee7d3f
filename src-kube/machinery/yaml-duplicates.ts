import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type ParsedNode } from 'yaml'

/**
 * Keys that a map of a YAML document has more than once, each told of at its later place: `line 4: key "a" already set in map`, those
 * of a map before those of what is in it, as Go's YAML tells. Empty for what is no YAML.
 */
export function yamlDuplicates(text: string): string[] {
  const lineCounter = new LineCounter()
  const { contents } = parseDocument(text, { lineCounter, uniqueKeys: false, logLevel: 'silent' })
  const found: string[] = []
  const visit = (node: unknown): void => {
    if (isSeq(node)) return node.items.forEach(visit)
    if (!isMap<ParsedNode, ParsedNode | null>(node)) return
    const keys = node.items.map(({ key }) => ({ name: nameOf(key), line: lineCounter.linePos(key.range[0]).line }))
    const later = Map.groupBy(keys, ({ name }) => name)
    for (const { name } of keys) {
      const others = later.get(name)!
      others.shift()
      if (name === undefined) continue
      for (const { line } of others) found.push(`line ${line}: key ${JSON.stringify(name)} already set in map`)
    }
    for (const { value } of node.items) visit(value)
  }
  visit(contents)
  return found
}

const nameOf = (key: ParsedNode): string | undefined =>
  isScalar(key) || isAlias(key) ? String(key.toJSON()) : undefined
