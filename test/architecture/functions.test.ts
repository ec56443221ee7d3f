import { globSync } from 'node:fs'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { longFunctions, MOST_DEPTH, MOST_LINES } from './functions.ts'
import { parse, root } from './parse.ts'

const files = globSync('src-*/**/*.{ts,vue}', { cwd: root }).filter(
  (file) => !file.endsWith('.test.ts') && !file.includes('/testing/'),
)

interface Measured {
  /** `file name`. */
  name: string
  lines: number
  depth: number
}

function functionsOf(file: string): Measured[] {
  const source = parse(file)
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line
  const found: Measured[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const lines = lineOf(node.end) - lineOf(node.getStart()) + 1
      found.push({ name: `${file} ${nameOf(node)}`, lines, depth: depthOf(node.body as ts.Node) })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found.filter(({ name }) => !(name in longFunctions))
}

function nameOf(node: ts.SignatureDeclaration): string {
  if (node.name) return node.name.getText()
  return ts.isVariableDeclaration(node.parent) ? node.parent.name.getText() : '(no name)'
}

/** Functions within are measured by themselves. */
function depthOf(node: ts.Node): number {
  let deepest = 0
  ts.forEachChild(node, (child) => {
    if (!ts.isFunctionLike(child)) deepest = Math.max(deepest, depthOf(child))
  })
  return deepest + (nests(node) ? 1 : 0)
}

function nests(node: ts.Node): boolean {
  if (ts.isIfStatement(node)) return !(ts.isIfStatement(node.parent) && node.parent.elseStatement === node)
  return ts.isIterationStatement(node, false) || ts.isSwitchStatement(node) || ts.isTryStatement(node)
}

const measured = files.flatMap(functionsOf)

it('no function is so long that it cannot be read at a glance', () => {
  const tooLong = measured.filter(({ lines }) => lines > MOST_LINES)
  expect(tooLong.map(({ name, lines }) => `${name} ${lines}`)).toEqual([])
})

it('no function nests its statements so deep that one must count braces', () => {
  const tooDeep = measured.filter(({ depth }) => depth > MOST_DEPTH)
  expect(tooDeep.map(({ name, depth }) => `${name} ${depth}`)).toEqual([])
})
