import { globSync } from 'node:fs'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { parse, placeOf, root } from './parse.ts'

/** Parameters from which on nobody knows at the call which is which. */
const TOO_MANY = 5

/** Folders whose functions may still have as many. */
const notYet = ['src-kube/kinds', 'src-kube/machinery', 'src-main/controlplane', 'src-renderer']

const files = globSync(['src-*/**/*.{ts,vue}', 'test/**/*.ts', 'scripts/**/*.mjs'], { cwd: root }).filter(
  (file) => !notYet.some((folder) => file.startsWith(`${folder}/`)),
)

/** What functions, methods and types of them take, by `file:line name`. What has no name is called by others, who say what it takes. */
function manyIn(source: ts.SourceFile): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    const name = ts.isFunctionLike(node) && node.parameters.length >= TOO_MANY ? nameOf(node) : undefined
    if (name) found.push(`${placeOf(node)} ${name}`)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function nameOf(node: ts.SignatureDeclaration): string | undefined {
  if (ts.isConstructorDeclaration(node)) return node.parent.name?.text ?? 'constructor'
  const { name = 'name' in node.parent ? node.parent.name : undefined } = node
  return (name as ts.Node | undefined)?.getText()
}

it('no function takes so much by its place that a call must be counted out', () => {
  const rule = `takes ${TOO_MANY} parameters or more: an options object, or a value that its callers have, names them`
  expect(files.flatMap((file) => manyIn(parse(file))).map((one) => `${one} ${rule}`)).toEqual([])
})
