import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type ParsedNode } from 'yaml'

/**
 * Keys that a map of a YAML document has more than once, each told of at its later place: `line 4: key "a" already set in map`, those of a map
 * before those of what is in it, as Go's YAML tells. Empty for what is no YAML.
 */
export function yamlDuplicates(text: string): string[] {
  const lineCounter = new LineCounter()
  const { contents } = parseDocument(text, { lineCounter, uniqueKeys: false, logLevel: 'silent' })
  const found: string[] = []
  const visit = (node: unknown): void => {
    if (isSeq(node)) return node.items.forEach(visit)
    if (!isMap<ParsedNode, ParsedNode | null>(node)) return
    const keys = node.items.map(({ key }) => ({
      name: isScalar(key) || isAlias(key) ? String(key.toJSON()) : undefined,
      line: lineCounter.linePos(key.range[0]).line,
    }))
    for (const [i, { name }] of keys.entries())
      for (const later of keys.slice(i + 1))
        if (name !== undefined && later.name === name)
          found.push(`line ${later.line}: key ${JSON.stringify(name)} already set in map`)
    for (const { value } of node.items) visit(value)
  }
  visit(contents)
  return found
}
