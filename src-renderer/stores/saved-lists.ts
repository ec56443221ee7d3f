import { defineStore } from 'pinia'
import { kept } from './kept.ts'

/** How the columns of a list stand. */
export interface ListColumns {
  /** Ids of those that are left out. */
  hidden: string[]
  /** Ids in the order that a person gave them. */
  order?: string[]
  /** Pixels by id. */
  widths?: Record<string, number>
}

/** What of a list stands in the URL: filter, namespaces, order, grouping. */
const savedParts = ['q', 'ns', 'sort', 'group'] as const
/** What of a list's address a saved list keeps, as it stands in the URL. */
export type ListQueryParts = Partial<Record<(typeof savedParts)[number], string>>

/** A list as somebody wants to find it again. It is of a kind, in whichever cluster has the kind. */
export interface SavedList {
  id: string
  name: string
  /** Id of the view. */
  view: string
  query: ListQueryParts
  columns: ListColumns
}

/** Those of these parts of a URL's query that say something. */
export function savedQuery(query: Readonly<Record<string, unknown>>): ListQueryParts {
  const parts = savedParts.map((part) => [part, query[part]] as const)
  return Object.fromEntries(parts.filter(([, value]) => typeof value === 'string' && value !== ''))
}

/** Whether two queries show the same. */
export const isSameQuery = (a: ListQueryParts, b: ListQueryParts): boolean =>
  savedParts.every((part) => (a[part] ?? '') === (b[part] ?? ''))

/** Lists that a person saved, by name. */
export const useSavedLists = defineStore('savedLists', () => {
  const lists = kept<SavedList[]>('drydock.lists', [])
  const byName = (a: SavedList, b: SavedList): number => a.name.localeCompare(b.name)

  function change(id: string, to: Partial<Omit<SavedList, 'id'>>): void {
    lists.value = lists.value.map((one) => (one.id === id ? { ...one, ...to } : one)).sort(byName)
  }
  return {
    lists,
    change,
    /** Keeps a list, and gives it an id; one of the same kind and name makes room for it. */
    save(list: Omit<SavedList, 'id'>): string {
      const others = lists.value.filter((one) => one.view !== list.view || one.name !== list.name)
      const id = crypto.randomUUID()
      lists.value = [...others, { ...list, id }].sort(byName)
      return id
    },
    remove(id: string): void {
      lists.value = lists.value.filter((one) => one.id !== id)
    },
  }
})
