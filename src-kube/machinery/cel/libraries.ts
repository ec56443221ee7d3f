import type { Node } from './parser.ts'

/** Names that stand before functions of a library: `math.greatest(…)`. */
const libraries = new Set(['math', 'lists', 'sets', 'optional', 'format', 'cel', 'jsonpatch', 'ip'])

/** The whole name of a function of a library, where no variable of that name is known; undefined for every other call. */
export function libraryFunction(
  { name, target }: Node & { type: 'call' },
  known: { has(name: string): boolean },
): string | undefined {
  return target?.type === 'ident' && libraries.has(target.name) && !known.has(target.name)
    ? `${target.name}.${name}`
    : undefined
}
