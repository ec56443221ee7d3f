import { computed } from 'vue'
import { chordOf, chordText } from './chord.ts'
import { meet, shortcuts, type Shortcut } from './shortcuts.ts'
import { kept } from '../stores/kept.ts'

/** What a person chose instead, by id; empty for no key at all. */
const chosen = kept<Record<string, string>>('drydock.keys', {})

const chords = computed(() => new Map(shortcuts.map(({ id, chord }) => [id, chosen.value[id] ?? chord])))

/** The shortcuts with the keys they have now, and ways to give them others. */
export function useKeys() {
  const chordFor = (id: string): string => chords.value.get(id) ?? ''
  const isPressed = (event: KeyboardEvent, id: string): boolean => {
    const chord = chordOf(event)
    return chord !== '' && chord === chordFor(id)
  }
  return {
    /** The key of a shortcut; empty when it has none. */
    chordFor,
    /** As it stands on the keys. */
    textFor: (id: string): string => chordText(chordFor(id)),
    isPressed,
    /** Whether it is another key than the one it came with. */
    isChanged: ({ id, chord }: Shortcut): boolean => chordFor(id) !== chord,
    /** What already has a key in a place where this shortcut works too. */
    takenBy: (shortcut: Shortcut, chord: string): Shortcut | undefined =>
      shortcuts.find(
        (other) => other.id !== shortcut.id && meet(other.scope, shortcut.scope) && chordFor(other.id) === chord,
      ),
    /** Gives a shortcut a key, and takes it from who had it. */
    give(shortcut: Shortcut, chord: string): void {
      const rest = { ...chosen.value }
      for (const other of shortcuts)
        if (
          other.id !== shortcut.id &&
          meet(other.scope, shortcut.scope) &&
          chord !== '' &&
          chordFor(other.id) === chord
        )
          rest[other.id] = ''
      if (chord === shortcut.chord) delete rest[shortcut.id]
      else rest[shortcut.id] = chord
      chosen.value = rest
    },
    resetAll: (): void => void (chosen.value = {}),
  }
}
