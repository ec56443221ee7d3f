import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** The repository. */
export const root = join(import.meta.dirname, '../..')

/** A file of the repository as a tree: of a component its scripts, on the lines where they stand. */
export function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, scriptOf(readFileSync(join(root, file), 'utf8'), file), ts.ScriptTarget.Latest, true)
}

function scriptOf(text: string, file: string): string {
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

/** `file:line` of a node. */
export function placeOf(node: ts.Node): string {
  const source = node.getSourceFile()
  return `${source.fileName}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`
}
