import type { ShallowRef } from 'vue'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { Sample } from '../usage/history.ts'
import type { Health } from './health.ts'

/** `system`: what the cluster keeps for itself and few people look at. */
export type Category = 'cluster' | 'workloads' | 'network' | 'config' | 'storage' | 'access' | 'custom' | 'system'

/** How a cell is drawn and, for ages and numbers, by what it is sorted. */
export type CellKind = 'text' | 'name' | 'status' | 'age' | 'number' | 'mono'

/** One column of a list. */
export interface ViewColumn {
  /** Stands in the URL and picks the title `columns.<id>`. */
  id: string
  /** Title when there is none to translate (columns a server defines). */
  title?: string
  /** Pixels; the columns share what is left in proportion. */
  width: number
  kind?: CellKind
  /** What is shown, searched and sorted by; for `age` milliseconds since the epoch. Not used by `status`. */
  value(object: KubeObject): string | number
  /** Shown instead of {@link value}, from reactive state; such columns are not searched, as what they show changes without the object. */
  text?(object: KubeObject): string
  /** What the cell names, for one that names another object; what it says stays {@link value}. Called for drawn rows only. */
  link?(object: KubeObject): ObjectLink | undefined
  /** Left out until a person asks for it. */
  optional?: true
  /** What {@link value} was in the last minutes, drawn as a small line before the text. */
  trail?: { field: 'cpu' | 'memory'; of(object: KubeObject): readonly Sample[] }
}

/** Leads to the page of an object. */
export interface ObjectLink {
  /** Id of the view: `pods`, `deployments.apps`. */
  view: string
  namespace?: string | undefined
  name: string
}

/** One line of what a page tells first of an object. */
export interface Fact {
  /** Picks the words `facts.<label>`. */
  label: string
  /** Stands instead of these words: what a server names by itself. */
  title?: string | undefined
  /** An array is shown as tags. */
  value: string | number | string[] | undefined
  kind?: 'text' | 'mono' | 'age'
  link?: ObjectLink | undefined
}

/** A part of the Overview of an object: facts, a table, or both. Empty parts are left out. */
export interface Section {
  /** Picks the words `sections.<title>`. */
  title: string
  facts?: Fact[]
  table?: { columns: string[]; rows: Cell[][] }
  data?: DataEntry[]
  parts?: SectionPart[]
}

/** Something that a section has several of, each with facts of its own: containers. */
export interface SectionPart {
  name: string
  /** Picks the words `containers.<note>`; empty for none. */
  note: string
  /** What it uses of what it may; empty while nobody has measured it. */
  meters?: Meter[]
  facts: Fact[]
}

/** What is used of a resource beside what was asked for and what is allowed, all in one unit. */
export interface Meter {
  /** Picks the words `columns.<label>`. */
  label: string
  used: number
  requests: number | undefined
  limits: number | undefined
  words(value: number): string
}

/**
 * What stands in a cell: numbers are milliseconds since the epoch in a column of ages; a link leads to another object; a share of something, 0 to 1
 * and beyond, is drawn below its words.
 */
export type Cell = string | number | { text: string; link: ObjectLink } | { text: string; share: number }

/** One key of a ConfigMap or Secret. */
export interface DataEntry {
  key: string
  /** Undefined when it is no text. */
  text: string | undefined
  bytes: number
  secret: boolean
}

/** All that the generic pages know of a kind: a kind's view is data. */
export interface KindView {
  /** `pods`, `deployments.apps`: stands in URLs. */
  id: string
  group: string
  version: string
  resource: string
  kind: string
  namespaced: boolean
  category: Category
  /** Verbs the server offers; undefined before discovery. */
  verbs?: readonly string[]
  /** After `g`: jumps to the list. */
  shortcut?: string
  shortNames?: readonly string[]
  columns: ViewColumn[]
  health?(object: KubeObject): Health
  /** What else finds an object in its list, beside its cells, labels and how it fares: `image:busybox:1.37`. */
  words?(object: KubeObject): string[]
  sections?(object: KubeObject): Section[]
  /** Set for scalable kinds. */
  scalable?: boolean
  /** A new template rolls its pods: `restart` applies. */
  restartable?: boolean
  /** Labels of the pods that belong to an object: logs and shells of workloads. */
  podSelector?(object: KubeObject): Record<string, string> | undefined
  /** A small working manifest, shown when the list is empty. */
  example?: string
  /** Lists come as server-side tables; the columns are what the server said last. */
  table?: { columns: ShallowRef<TableColumn[]> }
}

/** A column as the API server describes it (kubernetes.io, "Kubernetes API Concepts: Receiving resources as Tables"). */
export interface TableColumn {
  name: string
  type: string
  format?: string
  priority?: number
}

/** Reads a path of an object of unknown shape. */
export function at(object: unknown, ...path: Array<string | number>): unknown {
  let value = object
  for (const part of path) {
    if (value === null || typeof value !== 'object') return undefined
    value = (value as Record<string | number, unknown>)[part]
  }
  return value
}

/** What stands at a path as text; empty where nothing does. */
export const textAt = (object: unknown, ...path: Array<string | number>): string => {
  const value = at(object, ...path)
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

/** What stands at a path as a number; 0 where none does. */
export const numberAt = (object: unknown, ...path: Array<string | number>): number => {
  const value = at(object, ...path)
  return typeof value === 'number' ? value : 0
}

/** What stands at a path as a list; empty where none does. */
export const listAt = (object: unknown, ...path: Array<string | number>): unknown[] => {
  const value = at(object, ...path)
  return Array.isArray(value) ? value : []
}

/** `a=b` pairs of a map of strings. */
export const pairsAt = (object: unknown, ...path: string[]): string[] =>
  Object.entries((at(object, ...path) ?? {}) as Record<string, string>).map(([key, value]) =>
    value === '' ? key : `${key}=${value}`,
  )

/** A time as milliseconds; 0 when there is none. */
export const timeAt = (object: unknown, ...path: string[]): number => Date.parse(textAt(object, ...path)) || 0
