// Writes .generated/ from the tables of API facts in resources/facts: the tables as one TypeScript module
// (so that bundles and tests read them without a file system), the TypeScript types of the wire, one module
// per group and version, and the words of fields (compressed: they are read only when someone asks for them). Runs on Node 20 without node_modules; does nothing when its inputs have not changed.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import { fieldDocs, fieldDocsVersion } from './lib/field-docs.mjs'
import { wireTypes } from './lib/wire-types.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const facts = (name) => readFileSync(join(root, 'resources/facts', name), 'utf8')
const tables = [
  'types.tsv',
  'enums.tsv',
  'kinds.tsv',
  'columns.tsv',
  'discovery.tsv',
  'groups.tsv',
  'default-rbac.json',
]

function writeTypes(directory) {
  const modules = wireTypes({ types: facts('types.tsv'), enums: facts('enums.tsv'), kinds: facts('kinds.tsv') })
  for (const [path, text] of modules) {
    const file = join(directory, `${path}.ts`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}

function main() {
  const target = join(root, '.generated')
  const inputs = [
    fileURLToPath(import.meta.url),
    join(root, 'scripts/lib/field-docs.mjs'),
    join(root, 'scripts/lib/wire-types.mjs'),
    ...tables.map((t) => join(root, 'resources/facts', t)),
  ]
  const hash = createHash('sha256').update(fieldDocsVersion(root))
  for (const input of inputs) hash.update(readFileSync(input))
  const digest = hash.digest('hex')
  const stamp = join(target, 'stamp')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  const camel = (name) => name.replace(/\.\w+$/, '').replace(/-(\w)/g, (_, c) => c.toUpperCase())
  const lines = tables.map((name) =>
    name.endsWith('.json')
      ? `export const ${camel(name)}: unknown = ${facts(name)}`
      : `export const ${camel(name)}: string = ${JSON.stringify(facts(name))}`,
  )
  writeFileSync(join(target, 'facts.ts'), lines.join('\n') + '\n')
  writeTypes(join(target, 'types'))
  const docs = brotliCompressSync(fieldDocs(root)).toString('base64')
  writeFileSync(join(target, 'field-docs.ts'), `export const fieldDocs: string = '${docs}'\n`)
  writeFileSync(stamp, digest)
}

main()
