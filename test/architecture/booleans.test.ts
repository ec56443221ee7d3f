import { globSync } from 'node:fs'
import { posix } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { parse, placeOf, root } from './parse.ts'

const files = globSync(['src-*/**/*.{ts,vue}', 'test/**/*.ts', 'scripts/**/*.mjs'], { cwd: root })
const isTest = (file: string): boolean => file.endsWith('.test.ts') || file.startsWith('test/')

/** A function of ours that takes a boolean by its place. Those that a test declares for itself are left to it, and so are templates of components. */
interface Declared {
  file: string
  name: string
  /** Places of its booleans among the arguments. */
  places: number[]
  /** Whether it is called by its name alone, and not as a property of something. */
  isPlain: boolean
}

/** A setter's name says of what: `setReady(pod, true)`. */
const isSetter = (name: string): boolean => /^#?set[A-Z]/.test(name)

function declaredIn(source: ts.SourceFile): Declared[] {
  const found: Declared[] = []
  const visit = (node: ts.Node): void => {
    const name = ts.isFunctionLike(node) ? nameOf(node) : undefined
    if (name && ts.isFunctionLike(node)) {
      const places = node.parameters.flatMap((parameter, i) => (isBoolean(parameter) ? [i] : []))
      const isPlain = ts.isFunctionDeclaration(node) || ts.isVariableDeclaration(node.parent)
      if (places.length > 0 && !isSetter(name)) found.push({ file: source.fileName, name, places, isPlain })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** What a function, a method or a property that is one is called by; a class by its own name. */
function nameOf(node: ts.SignatureDeclaration): string | undefined {
  if (ts.isConstructorDeclaration(node)) return node.parent.name?.text
  const { name = 'name' in node.parent ? node.parent.name : undefined } = node
  return name && ts.isPropertyName(name as ts.Node) ? (name as ts.PropertyName).getText() : undefined
}

function isBoolean({ type, initializer }: ts.ParameterDeclaration): boolean {
  if (initializer && isLiteral(initializer)) return true
  const parts = type && ts.isUnionTypeNode(type) ? type.types : type ? [type] : []
  return parts.some(({ kind }) => kind === ts.SyntaxKind.BooleanKeyword)
}

const isLiteral = ({ kind }: ts.Expression): boolean =>
  kind === ts.SyntaxKind.TrueKeyword || kind === ts.SyntaxKind.FalseKeyword

/** The files that the names which a file imports come from. */
function importedBy(source: ts.SourceFile): Map<string, string> {
  const found = new Map<string, string>()
  for (const node of source.statements) {
    if (!ts.isImportDeclaration(node) || !ts.isStringLiteral(node.moduleSpecifier)) continue
    const from = posix.join(posix.dirname(source.fileName), node.moduleSpecifier.text)
    const bindings = node.importClause?.namedBindings
    if (bindings && ts.isNamedImports(bindings)) for (const { name } of bindings.elements) found.set(name.text, from)
  }
  return found
}

/** Calls that hand a `true` or a `false` to one of those functions. */
function bareIn(source: ts.SourceFile, known: ReadonlyMap<string, readonly Declared[]>): string[] {
  const imported = importedBy(source)
  const found: string[] = []
  const isMeant = (call: ts.CallExpression | ts.NewExpression, { file, places, isPlain }: Declared): boolean => {
    if (!places.some((place) => call.arguments?.[place] && isLiteral(call.arguments[place]))) return false
    if (!ts.isIdentifier(call.expression)) return !isPlain
    return file === source.fileName || imported.get(call.expression.text) === file
  }
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const { expression } = node
      const name = ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText()
      if (known.get(name)?.some((one) => isMeant(node, one))) found.push(`${placeOf(node)} ${node.getText()}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const sources = files.map(parse)
const declared = sources.filter(({ fileName }) => !isTest(fileName)).flatMap(declaredIn)

it('no call says true or false without saying of what', () => {
  const known = Map.groupBy(declared, ({ name }) => name)
  const rule = 'a boolean has a name where it is given: by an options object, two functions, or words that are a union'
  expect(sources.flatMap((source) => bareIn(source, known)).map((call) => `${call}: ${rule}`)).toEqual([])
})
