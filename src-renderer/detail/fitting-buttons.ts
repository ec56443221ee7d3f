/** Pixels of a button beside its words: icon, padding, border and the gap to the next. */
const besides = 50
/** Of the button that opens the menu of all. */
const more = 40
/** Pixels that a character takes at most: letters, and those as wide as high. */
const letter = 7.2
const wide = 13

const widthOf = (words: string): number =>
  Array.from(words).reduce((sum, character) => sum + (character.codePointAt(0)! > 0x2e80 ? wide : letter), besides)

/** How many of the buttons with these words stand in one row of `width` pixels; when not all do, with room for one that shows them all. */
export function fittingButtons(words: readonly string[], width: number): number {
  const widths = words.map(widthOf)
  const total = widths.reduce((sum, one) => sum + one, 0)
  if (total <= width) return words.length
  let left = width - more
  const first = widths.findIndex((one) => (left -= one) < 0)
  return Math.max(1, first)
}
