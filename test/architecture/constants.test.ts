import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const backend = globSync(['src-{kube,wire,main,node,ingress}/**/*.ts', 'test/**/*.ts'], { cwd: root })
const renderer = globSync('src-renderer/**/*.{ts,vue}', { cwd: root })

const CAPITALS = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/

interface Constant {
  /** `file:line name`. */
  place: string
  name: string
  value: ts.Expression
}

/** The constants of a file that stand outside of its functions and classes. */
function constantsOf(file: string): Constant[] {
  const source = ts.createSourceFile(file, scriptOf(file), ts.ScriptTarget.Latest, true)
  const lineOf = (node: ts.Node): number => source.getLineAndCharacterOfPosition(node.getStart()).line + 1
  return source.statements
    .filter((node) => ts.isVariableStatement(node))
    .filter(({ declarationList }) => declarationList.flags & ts.NodeFlags.Const)
    .flatMap(({ declarationList }) => declarationList.declarations)
    .flatMap(({ name, initializer }) =>
      ts.isIdentifier(name) && initializer
        ? { place: `${file}:${lineOf(name)} ${name.text}`, name: name.text, value: initializer }
        : [],
    )
}

/** What is TypeScript of a file: a component's script keeps its lines. */
function scriptOf(file: string): string {
  const text = readFileSync(join(root, file), 'utf8')
  if (!file.endsWith('.vue')) return text
  const blank = (words: string): string => words.replaceAll(/[^\n]/g, '')
  let script = ''
  let end = 0
  for (const found of text.matchAll(/(<script[^>]*>)(.*?)<\/script>/gs)) {
    script += blank(text.slice(end, found.index)) + found[2]
    end = found.index + found[1]!.length + found[2]!.length
  }
  return script
}

/** Whether a value is written out: a number, a string, a regular expression, or what arithmetic and templates make of such. */
function isWritten(value: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(value) || ts.isAsExpression(value) || ts.isSatisfiesExpression(value)) {
    return isWritten(value.expression)
  }
  if (ts.isIdentifier(value)) return CAPITALS.test(value.text)
  if (ts.isPrefixUnaryExpression(value)) return isWritten(value.operand)
  if (ts.isBinaryExpression(value)) return isWritten(value.left) && isWritten(value.right)
  if (ts.isTemplateExpression(value)) return value.templateSpans.every(({ expression }) => isWritten(expression))
  if (ts.isTaggedTemplateExpression(value)) return value.tag.getText() === 'String.raw' && isWritten(value.template)
  return (
    ts.isNumericLiteral(value) ||
    ts.isBigIntLiteral(value) ||
    ts.isStringLiteralLike(value) ||
    ts.isRegularExpressionLiteral(value)
  )
}

const wordsOf = (constants: Constant[], rule: string): string[] => constants.map(({ place }) => `${place}: ${rule}`)

const OF_THE_BACKEND =
  'outside of src-renderer a constant of a module whose value is written out (a number, a string, a regular expression, arithmetic and ' +
  'templates of such) is in CAPITALS; functions, objects, lists, sets, maps, instances and what is computed are in camelCase'

const OF_THE_RENDERER = 'in src-renderer every constant is in camelCase, also when its value is written out'

it('constants of the backend whose values are written out are in capitals', () => {
  const found = backend.flatMap(constantsOf).filter(({ name, value }) => isWritten(value) && !CAPITALS.test(name))
  expect(wordsOf(found, OF_THE_BACKEND)).toEqual([])
})

it('constants of the backend that are made of more than that are in camelCase', () => {
  const found = backend.flatMap(constantsOf).filter(({ name, value }) => !isWritten(value) && CAPITALS.test(name))
  expect(wordsOf(found, OF_THE_BACKEND)).toEqual([])
})

it('constants of the renderer are in camelCase', () => {
  const found = renderer.flatMap(constantsOf).filter(({ name }) => CAPITALS.test(name))
  expect(wordsOf(found, OF_THE_RENDERER)).toEqual([])
})
