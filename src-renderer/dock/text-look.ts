import { mixed, readable, type Rgb } from './readable-colour.ts'
import { trueColour, type TextStyle } from './text-style.ts'

/** The colours of a theme that styled text is drawn in. */
export interface Palette {
  /** The terminal's sixteen: black, red, green, yellow, blue, magenta, cyan, white, then the bright ones. */
  named: readonly Rgb[]
  text: Rgb
  /** What lines stand on: the page, and the colour of the one that is marked. */
  grounds: readonly [Rgb, ...Rgb[]]
}

/** Properties of CSS, for an element's `style`. */
export type Look = Readonly<Record<string, string>>

/** Steps of the 6 × 6 × 6 cube between the sixteen and the greys, as xterm has them. */
const cube = [0, 95, 135, 175, 215, 255]

function rgbOf(colour: number, { named }: Palette): Rgb {
  if (colour >= trueColour) return [(colour >> 16) & 255, (colour >> 8) & 255, colour & 255]
  if (colour < 16) return named[colour]!
  if (colour >= 232) {
    const grey = 8 + (colour - 232) * 10
    return [grey, grey, grey]
  }
  const place = colour - 16
  return [cube[Math.floor(place / 36)]!, cube[Math.floor(place / 6) % 6]!, cube[place % 6]!]
}

/** How much of the ground is in dim text. */
const dimShare = 0.4

/** The colours of a style: what it asks for, moved as far as it takes to be read (WCAG AA). Absent where it is as usual. */
export function coloursOf(style: TextStyle, palette: Palette): { text?: Rgb; ground?: Rgb } {
  const { colour, ground, dim, inverse } = style
  const asked = colour === undefined ? undefined : rgbOf(colour, palette)
  const behind = ground === undefined ? undefined : rgbOf(ground, palette)
  const under = inverse ? (asked ?? palette.text) : behind
  const over = inverse ? (behind ?? palette.grounds[0]) : asked
  if (!under && !over && !dim) return {}
  const letters = over ?? palette.text
  const text = readable(
    dim ? mixed(letters, under ?? palette.grounds[0], dimShare) : letters,
    under ? [under] : palette.grounds,
  )
  return under ? { text, ground: under } : { text }
}

const css = ([red, green, blue]: Rgb): string => `rgb(${red}, ${green}, ${blue})`

/** How text of a style is drawn. */
export function lookOf(style: TextStyle, palette: Palette): Look {
  const { text, ground } = coloursOf(style, palette)
  const lines = [style.underline && 'underline', style.strike && 'line-through'].filter(Boolean)
  return {
    ...(text && { color: css(text) }),
    ...(ground && { backgroundColor: css(ground) }),
    ...(style.bold && { fontWeight: '700' }),
    ...(style.italic && { fontStyle: 'italic' }),
    ...(lines.length > 0 && { textDecorationLine: lines.join(' ') }),
  }
}
