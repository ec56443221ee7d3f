/** Keys pressed together as one word: `k`, `Mod+k` (Ctrl, or ⌘ on a Mac), `Alt+Enter`, `?`. Empty while only modifiers are down. */
export function chordOf({
  key,
  ctrlKey,
  metaKey,
  altKey,
  shiftKey,
}: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string {
  if (['Control', 'Meta', 'Alt', 'Shift', 'AltGraph', 'Dead', 'Process'].includes(key)) return ''
  const isNamed = key.length > 1
  const isModified = ctrlKey || metaKey
  return [
    ...(isModified ? ['Mod'] : []),
    ...(altKey ? ['Alt'] : []),
    // A character tells by itself that Shift was down, unless another key makes it a command.
    ...(shiftKey && (isNamed || isModified) ? ['Shift'] : []),
    key === ' ' ? 'Space' : isModified && !isNamed ? key.toLowerCase() : key,
  ].join('+')
}

const words: Record<string, string> = {
  Delete: 'Del',
  Escape: 'Esc',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
}

/** A chord as it stands on keys: `Ctrl K`, `⌘ K`. */
export function chordText(chord: string, { mac = /Mac/.test(navigator.platform) } = {}): string {
  if (chord === '') return ''
  // The key itself may be a plus.
  const parts = chord.split(/\+(?=.)/)
  const key = parts.pop()!
  const before = parts.map((part) => (part === 'Mod' ? (mac ? '⌘' : 'Ctrl') : part === 'Alt' && mac ? '⌥' : part))
  return [...before, words[key] ?? (before.length > 0 && key.length === 1 ? key.toUpperCase() : key)].join(' ')
}
