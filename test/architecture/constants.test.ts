import { globSync } from 'node:fs'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { parse, placeOf, root } from './parse.ts'

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
  return parse(file)
    .statements.filter((node) => ts.isVariableStatement(node))
    .filter(({ declarationList }) => declarationList.flags & ts.NodeFlags.Const)
    .flatMap(({ declarationList }) => declarationList.declarations)
    .flatMap(({ name, initializer }) =>
      ts.isIdentifier(name) && initializer
        ? { place: `${placeOf(name)} ${name.text}`, name: name.text, value: initializer }
        : [],
    )
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
