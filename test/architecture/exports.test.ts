import { globSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { parse, root } from './parse.ts'

const everything = globSync(['src-*/**/*.{ts,vue}', 'test/**/*.ts', 'scripts/**/*.mjs', '*.config.ts'], { cwd: root })
const production = everything.filter(
  (file) => /^src-.*\.ts$/.test(file) && !file.endsWith('.test.ts') && !file.includes('/testing/'),
)

/** Stands in for a package of that name in the bundles. */
const replacements = ['src-main/app/no-ssh.ts']

const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')

interface Exported {
  file: string
  names: string[]
  node: ts.Statement
}

/** What a file exports under its own names: functions, classes, constants and types. */
function exportsOf(file: string): Exported[] {
  return parse(file)
    .statements.filter((node) => ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(isExport))
    .map((node) => ({ file, names: namesOf(node), node }))
    .filter(({ names }) => names.length > 0)
}

const isExport = ({ kind }: ts.Modifier): boolean => kind === ts.SyntaxKind.ExportKeyword

const isType = (node: ts.Statement): node is ts.InterfaceDeclaration | ts.TypeAliasDeclaration =>
  ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)

function namesOf(node: ts.Statement): string[] {
  if (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) return node.name ? [node.name.text] : []
  if (isType(node)) return [node.name.text]
  if (!ts.isVariableStatement(node)) return []
  return node.declarationList.declarations.flatMap(({ name }) =>
    ts.isIdentifier(name)
      ? [name.text]
      : name.elements.map((one) => (ts.isBindingElement(one) ? one.name.getText() : '')),
  )
}

const NAMED = /\b(?:import|export)\s(?:type\s)?(?:[\w$]+,\s)?\{([^}]*)\}\sfrom\s'([^']+)'/g
const WHOLE = /\b(?:import|export)\s[^{}'"]*?\sfrom\s'([^']+)'|\bimport\('([^']+)'\)|\bimport\s'([^']+)'/g

/** What a file takes from others, as `path name`; `path *` where it may be anything. */
function takenBy(file: string): string[] {
  const text = textOf(file)
  const pathOf = (specifier: string): string =>
    posix.normalize(posix.join(posix.dirname(file), specifier.replace(/\?.*/, '')))
  const names = (list: string): string[] =>
    list.split(',').map((one) =>
      one
        .trim()
        .replace(/^type\s+/, '')
        .replace(/\s+as\s.*/s, ''),
    )
  return [
    ...[...text.matchAll(NAMED)].flatMap(([, list, from]) => names(list!).map((name) => `${pathOf(from!)} ${name}`)),
    ...[...text.matchAll(WHOLE)].map(([, from, call, bare]) => `${pathOf((from ?? call ?? bare)!)} *`),
  ]
}

const exported = production.flatMap(exportsOf)

it('every exported function, class and type says what it promises', () => {
  const silent = exported.filter(
    ({ node }) => !ts.isVariableStatement(node) && ts.getJSDocCommentsAndTags(node).length === 0,
  )
  expect(silent.map(({ file, names }) => `${file} ${names.join()}`)).toEqual([])
})

it('what nobody else takes is not exported', () => {
  const taken = new Set(everything.flatMap(takenBy))
  // A type that a function of the file takes or gives is there to be read, whether or not somebody names it.
  const values = exported.filter(({ node }) => !isType(node))
  const unused = values.flatMap(({ file, names }) =>
    taken.has(`${file} *`) ? [] : names.map((name) => `${file} ${name}`).filter((one) => !taken.has(one)),
  )
  expect(unused.filter((one) => !replacements.includes(one.split(' ')[0]!))).toEqual([])
})
