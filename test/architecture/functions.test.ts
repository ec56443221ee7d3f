import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { longFunctions, mostLines } from './functions.ts'

const root = join(import.meta.dirname, '../..')
const files = globSync('src-*/**/*.ts', { cwd: root }).filter(
  (file) => !file.endsWith('.test.ts') && !file.includes('/testing/'),
)

/** Functions of a file longer than allowed, as `file name lines`. */
function tooLong(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  if (text.split('\n').length <= mostLines) return []
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const lines = lineOf(node.end) - lineOf(node.getStart()) + 1
      const name = `${file} ${nameOf(node)}`
      if (lines > mostLines && !(name in longFunctions)) found.push(`${name} ${lines}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function nameOf(node: ts.SignatureDeclaration): string {
  if (node.name) return node.name.getText()
  return ts.isVariableDeclaration(node.parent) ? node.parent.name.getText() : '(no name)'
}

it('no function is so long that it cannot be read at a glance', () => {
  expect(files.flatMap(tooLong)).toEqual([])
})
