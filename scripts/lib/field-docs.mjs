// The words of types and fields for `kubectl explain`, upstream's own: read from the declarations of @kubernetes/client-node, and for fields that only refer to a
// type, which have none there, from those of kubernetes-models.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join, sep } from 'node:path'

const CLIENT = 'node_modules/@kubernetes/client-node/dist/gen/models'
const MODELS = 'node_modules/kubernetes-models'
const META = 'node_modules/@kubernetes-models/apimachinery/apis'
/** A comment, and the class or property that it stands before. */
const DOCUMENTED = /\/\*\*\n((?:(?!\*\/)[\s\S])*)\*\/\s*(?:export declare class (\w+)|'([^']+)'\??:)/g
/** Of a model a property alone: its class has the words that the client has too. */
const PROPERTY = /\/\*\*\n((?:(?!\*\/)[\s\S])*)\*\/\s*"([^"]+)"\??:/g

/**
 * One line a type or field: class, field (empty for the type itself), words, apart by tabs. Empty without the packages, which only
 * development has: explain then shows types alone.
 */
export function fieldDocs(root) {
  const lines = new Map()
  for (const [type, field, words] of clientWords(join(root, CLIENT))) lines.set(`${type}\t${field}`, words)
  for (const path of [MODELS, META])
    for (const { group, version, type, field, words } of modelWords(join(root, path))) {
      const [plain, full] = [`${capital(version)}${type}`, `${capital(group)}${capital(version)}${type}`]
      if (!lines.has(`${plain}\t${field}`) && !lines.has(`${full}\t${field}`)) lines.set(`${full}\t${field}`, words)
    }
  return [...lines].map(([name, words]) => `${name}\t${words}`).join('\n')
}

/** What tells releases of the packages apart. */
export function fieldDocsVersion(root) {
  const versionOf = (name) => {
    const file = join(root, 'node_modules', name, 'package.json')
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : 'none'
  }
  return ['@kubernetes/client-node', 'kubernetes-models'].map(versionOf).join(' ')
}

function* clientWords(directory) {
  for (const [file, text] of declarations(directory)) {
    const type = file.slice(0, -'.d.ts'.length)
    for (const [, comment, name, field] of text.matchAll(DOCUMENTED)) {
      const words = wordsOf(comment)
      if (words && (name === type || field)) yield [type, field ? jsonName(field) : '', words]
    }
  }
}

/** Files are `apps/v1/DeploymentSpec.d.ts`, those of the core group `v1/PodSpec.d.ts`. */
function* modelWords(directory) {
  for (const [file, text] of declarations(directory)) {
    const [type, version, group = 'core'] = file.slice(0, -'.d.ts'.length).split(sep).reverse()
    if (version === undefined || version.startsWith('_') || type === 'index') continue
    for (const [, comment, field] of text.matchAll(PROPERTY)) {
      const words = wordsOf(comment)
      if (words) yield { group: group.split('.')[0], version, type, field, words }
    }
  }
}

function* declarations(directory) {
  if (!existsSync(directory)) return
  for (const file of readdirSync(directory, { recursive: true }).sort((a, b) => (a < b ? -1 : 1)))
    if (file.endsWith('.d.ts')) yield [file, readFileSync(join(directory, file), 'utf8')]
}

const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1)

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
