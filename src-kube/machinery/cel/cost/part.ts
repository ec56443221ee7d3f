import type { CelType } from '../types.ts'
import { unknownSize, type Size } from './size.ts'

/** Sizes of what a list or a map holds. A list's keys are its indices. */
export interface Entries {
  isList: boolean
  key: Size
  value: Size
}

/** What is expected of a part of an expression. */
export interface Part {
  type: CelType
  /** In the worst case, with the parts it is made of. */
  cost: number
  /** Undefined where nobody can tell. */
  size: Size | undefined
  entries?: Entries | undefined
  /** Of the items of a list. */
  item?: Size | undefined
  /** Names from a variable to the place in the data that the part stands for; empty for what the expression makes itself. */
  path: readonly string[]
  /** The number or text that it is. */
  literal?: bigint | string
}

export const sizeOf = ({ size }: Part): Size => size ?? unknownSize

/** Steps of a path into a list or a map. */
export const ITEMS = '@items'
export const INDICES = '@indices'
export const VALUES = '@values'
export const KEYS = '@keys'

const single = new Set(['bool', 'double', 'duration', 'int', 'timestamp', 'uint'])

/** Whether a value of a type is always of size one. */
export const isSingle = ({ kind }: CelType): boolean => single.has(kind)
export const isText = ({ kind }: CelType): boolean => kind === 'string' || kind === 'bytes'

/** What a macro or `cel.bind` has named: where it comes from, and how large it is where its path does not tell. */
export type Local = Pick<Part, 'path' | 'size' | 'entries'>

/** What a call adds to the cost of its arguments, and what comes of it where that is known. */
export type Estimate = Pick<Part, 'cost'> & Partial<Pick<Part, 'size' | 'entries'>>

/** What is found of a part itself; `fallback` is the size of what has no other. */
export type Found = Pick<Part, 'cost'> &
  Partial<Pick<Part, 'size' | 'entries' | 'path' | 'literal'>> & { fallback?: Size | undefined }
