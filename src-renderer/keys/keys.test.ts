import { beforeEach, describe, expect, it } from 'vitest'
import { chordOf, chordText } from './chord.ts'
import { isFixed, meet, shortcuts } from './shortcuts.ts'
import { useKeys } from './use-keys.ts'

const press = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {}) =>
  new KeyboardEvent('keydown', { key, ...held })
const of = (id: string) => shortcuts.find((one) => one.id === id)!

describe('keys pressed together', () => {
  it('are one word, on any keyboard', () => {
    const pressed = [
      press('k', { ctrlKey: true }),
      press('K', { metaKey: true, shiftKey: true }),
      press('?', { shiftKey: true }),
      press(' '),
      press('Enter', { altKey: true, shiftKey: true }),
      press('Shift', { shiftKey: true }),
    ]
    expect(pressed.map(chordOf)).toEqual(['Mod+k', 'Mod+Shift+k', '?', 'Space', 'Alt+Shift+Enter', ''])
  })

  it('read as they stand on the keys', () => {
    expect(
      ['Mod+k', 'Delete', '', 'Mod++', 'g', 'Alt+ArrowUp'].map((chord) => chordText(chord, { mac: false })),
    ).toEqual(['Ctrl K', 'Del', '', 'Ctrl +', 'g', 'Alt ↑'])
    expect([chordText('Mod+k', { mac: true }), chordText('Alt+x', { mac: true })]).toEqual(['⌘ K', '⌥ X'])
  })
})

describe('shortcuts', () => {
  const keys = useKeys()
  beforeEach(() => keys.resetAll())

  it('come without a conflict and without a key that always does the same', () => {
    for (const one of shortcuts) {
      expect([one.id, keys.takenBy(one, one.chord)?.id]).toEqual([one.id, undefined])
      expect([one.id, isFixed(one.chord)]).toEqual([one.id, false])
    }
    expect(new Set(shortcuts.map(({ id }) => id)).size).toBe(shortcuts.length)
  })

  it('only meet where both work: letters after the key that goes places are their own', () => {
    expect([meet('go', 'object'), meet('go', 'go'), meet('anywhere', 'rows'), meet('rows', 'object')]).toEqual([
      false,
      true,
      true,
      true,
    ])
  })

  it('listen to the key that was chosen, and no longer to the one before', () => {
    keys.give(of('palette'), 'Mod+p')
    expect(keys.isPressed(press('p', { ctrlKey: true }), 'palette')).toBe(true)
    expect(keys.isPressed(press('k', { ctrlKey: true }), 'palette')).toBe(false)
    expect(keys.isChanged(of('palette'))).toBe(true)
    keys.give(of('palette'), 'Mod+k')
    expect(keys.isChanged(of('palette'))).toBe(false)
  })

  it('take a key from who had it, who is left with none', () => {
    expect(keys.takenBy(of('do.logs'), 'e')?.id).toBe('do.edit')
    keys.give(of('do.logs'), 'e')
    expect([keys.chordFor('do.logs'), keys.chordFor('do.edit')]).toEqual(['e', ''])
    expect(keys.isPressed(press('Shift'), 'do.edit')).toBe(false)
    keys.resetAll()
    expect([keys.chordFor('do.logs'), keys.chordFor('do.edit')]).toEqual(['l', 'e'])
  })
})
