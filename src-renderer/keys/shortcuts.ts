import { actions } from '../actions/index.ts'
import { pages } from '../components/pages.ts'
import { views } from '../kinds/index.ts'
import { pluralOf } from '../kinds/plural.ts'

/** Where keys work: anywhere, on the rows of a list, on an object (a row or its detail), or after the key that goes places. */
export const scopes = ['anywhere', 'rows', 'object', 'go'] as const
/** Where a key counts; the settings show them by it. */
export type KeyScope = (typeof scopes)[number]

/** Something that a key does, within the part of the app where it does it. */
export interface Shortcut {
  id: string
  scope: KeyScope
  /** What it is unless a person chose another; see `chordOf`. */
  chord: string
  /** Picks its words, unless it has a name. */
  title: string
  name?: string
}

const plain = (scope: KeyScope, chords: Record<string, string>): Shortcut[] =>
  Object.entries(chords).map(([id, chord]) => ({ id, scope, chord, title: `sheet.${id}` }))

/** Every shortcut that can be given another key; all that listens to keys looks here. */
export const shortcuts: readonly Shortcut[] = [
  ...plain('anywhere', {
    palette: 'Mod+k',
    filter: '/',
    sheet: '?',
    messages: 'm',
    go: 'g',
    sidebar: 'Mod+b',
    dock: 'Mod+`',
    kubectl: ':',
    other: '\\',
    back: '[',
    on: ']',
  }),
  ...plain('rows', { down: 'j', up: 'k', open: 'Enter', mark: 'Space', menu: '.' }),
  ...plain('object', { wide: 'Alt+ArrowRight' }),
  ...actions.flatMap(({ id, key }): Shortcut[] =>
    key ? [{ id: `do.${id}`, scope: 'object', chord: key, title: `actions.${id}` }] : [],
  ),
  ...pages.map(({ name, title, key }): Shortcut => ({ id: `go.${name}`, scope: 'go', chord: key, title })),
  ...views.flatMap(({ id, kind, shortcut }): Shortcut[] =>
    shortcut ? [{ id: `go.${id}`, scope: 'go', chord: shortcut, title: '', name: pluralOf(kind) }] : [],
  ),
]

/** Keys that always do the same: they move, leave and type. */
const fixed = new Set(['Escape', 'Tab', 'Shift+Tab', 'ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End'])
for (const key of ['PageUp', 'PageDown', 'Mod+c', 'Mod+v', 'Mod+x', 'Mod+a', 'Mod+z', 'Mod+f', 'Mod+s']) fixed.add(key)

export const isFixed = (chord: string): boolean => fixed.has(chord)

/** Whether two shortcuts with one key would get in each other's way. */
export function meet(a: KeyScope, b: KeyScope): boolean {
  return a === 'go' || b === 'go' ? a === b : true
}
