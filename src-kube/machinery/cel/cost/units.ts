import type { LoopKind } from '../parser.ts'

/** Of a variable, a field or an element (cel-go's cost model; cel-spec, "Computational complexity"). */
export const STEP = 1
/** Of making a list, a map and a message, besides what is put into it. */
export const LIST = 10
export const MAP = 30
export const MESSAGE = 40
/** Of asking whether somebody may: two such questions fit into one evaluation. */
export const CHECK = 350_000
/** Characters of the longest pattern of the formats that have names (`format.dns1123Label()`). */
export const FORMAT_PATTERN = 128

/** Of going through so many characters, or comparing them. */
export const reading = (size: number): number => Math.ceil(size * 0.1)
/** Of going through characters and writing as many. */
export const rewriting = (size: number): number => Math.ceil(size * 0.2)
/** Of a regular expression of one length on a text of another. */
export const matching = (text: number, pattern: number): number => reading(text + 1) * Math.ceil(pattern * 0.25)
/** Of finding a text in another. */
export const searching = (text: number, part: number): number => reading(text) * reading(part)
/** Of reading a selector, which may have a requirement in every other character. */
export const selecting = (size: number): number => LIST + reading(size) + Math.ceil(size * 0.5) * (LIST + MESSAGE)
/** Of two sets, each member of one being looked for in the other. */
export const pairing = (a: number, b: number): number => 1 + a * b

/** What the macros cost besides their parts, for each entry and once: they keep what they have come to in a variable. */
export const macros: Readonly<Record<Exclude<LoopKind, 'optMap' | 'optFlatMap'>, { entry: number; once: number }>> = {
  all: { entry: 3, once: 1 },
  exists: { entry: 4, once: 1 },
  exists_one: { entry: 2, once: 2 },
  map: { entry: 12, once: LIST + 1 },
  filter: { entry: 13, once: LIST + 1 },
  transformList: { entry: 12, once: LIST + 1 },
  transformMap: { entry: 3, once: MAP + 1 },
  transformMapEntry: { entry: 2, once: MAP + 1 },
}
