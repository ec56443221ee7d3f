// The words of types and fields for `kubectl explain`, read from the declarations of @kubernetes/client-node: upstream's own, of the
// release that the package follows.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const MODELS = 'node_modules/@kubernetes/client-node/dist/gen/models'
/** A comment, and the class or property that it stands before. */
const DOCUMENTED = /\/\*\*\n((?:(?!\*\/)[\s\S])*)\*\/\s*(?:export declare class (\w+)|'([^']+)'\??:)/g

/**
 * One line a type or field: class, field (empty for the type itself), words, apart by tabs. Empty without the package, which only
 * development has: explain then shows types alone.
 */
export function fieldDocs(root) {
  const directory = join(root, MODELS)
  if (!existsSync(directory)) return ''
  const lines = []
  for (const file of readdirSync(directory).sort()) {
    if (!file.endsWith('.d.ts')) continue
    const type = file.slice(0, -'.d.ts'.length)
    for (const [, comment, name, field] of readFileSync(join(directory, file), 'utf8').matchAll(DOCUMENTED)) {
      const words = wordsOf(comment)
      if (words && (name === type || field)) lines.push(`${type}\t${field ? jsonName(field) : ''}\t${words}`)
    }
  }
  return lines.join('\n')
}

/** What tells releases of the package apart. */
export function fieldDocsVersion(root) {
  const file = join(root, 'node_modules/@kubernetes/client-node/package.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : 'none'
}

function wordsOf(comment) {
  return comment
    .split('\n')
    .map((line) => line.trim().replace(/^\*\s?/, ''))
    .join(' ')
    .replaceAll(/\\(["'`\\])/g, '$1')
    .replaceAll('*_/', '*/')
    .replaceAll('\t', ' ')
    .trim()
}

/** Names that JavaScript does not allow are written with an underscore there. */
function jsonName(field) {
  if (field.startsWith('x_kubernetes_')) return field.replaceAll('_', '-')
  return field.replace(/^_/, '')
}
