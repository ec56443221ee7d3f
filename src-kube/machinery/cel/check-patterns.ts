import { flawOfPattern } from '../regexp.ts'
import { CelProgramError, CelSyntaxError } from './errors.ts'
import type { Node } from './parser.ts'

const functions = new Set(['matches', 'find', 'findAll'])

/**
 * Throws {@link CelSyntaxError} for a regular expression that is written out and is none. Upstream finds those of `text.matches` when it compiles the
 * expression, and of the other functions that take one when it makes a program of it.
 */
export function checkPatterns(node: Node, source: string): void {
  for (const part of partsOf(node)) checkPatterns(part, source)
  if (node.type !== 'call' || !functions.has(node.name)) return
  const pattern = node.args[node.target ? 0 : 1]
  if (pattern?.type !== 'literal' || typeof pattern.value !== 'string') return
  const flaw = flawOfPattern(pattern.value)
  if (flaw === undefined) return
  throw node.name === 'matches' && node.target
    ? new CelSyntaxError(source, pattern.at ?? 0, 'invalid matches argument')
    : new CelProgramError(flaw)
}

function partsOf(node: Node): readonly Node[] {
  switch (node.type) {
    case 'select':
      return [node.of]
    case 'index':
      return [node.of, node.index]
    case 'call':
      return node.target ? [node.target, ...node.args] : node.args
    case 'list':
      return node.items.map(({ value }) => value)
    case 'map':
      return node.entries.flatMap(({ key, value }) => [key, value])
    case 'message':
      return node.fields.map(({ value }) => value)
    case 'loop':
      return [node.over, ...node.parts]
    case 'bind':
      return [node.value, node.body]
    default:
      return []
  }
}
