/**
 * How a program wants its text to look, as SGR sequences say it (ECMA-48 8.3.117, ITU-T T.416 for colours). Absent is as usual. Blinking and
 * concealed text is shown as other text.
 */
export interface TextStyle {
  readonly colour?: number
  /** The colour behind the text. */
  readonly ground?: number
  readonly bold?: true
  readonly dim?: true
  readonly italic?: true
  readonly underline?: true
  readonly strike?: true
  readonly inverse?: true
}

export const plainStyle: TextStyle = {}

/** Colours from here on are `trueColour + 0xRRGGBB`; those below 256 are a terminal's: 16 by name, a cube of 216, 24 greys. */
export const trueColour = 0x1000000

type Flag = Exclude<keyof TextStyle, 'colour' | 'ground'>

const flagsOn: Readonly<Record<number, Flag>> = {
  1: 'bold',
  2: 'dim',
  3: 'italic',
  4: 'underline',
  7: 'inverse',
  9: 'strike',
  21: 'underline',
}
const flagsOff: Readonly<Record<number, readonly Flag[]>> = {
  22: ['bold', 'dim'],
  23: ['italic'],
  24: ['underline'],
  27: ['inverse'],
  29: ['strike'],
}
/** What begins a colour of more than one number; that of an underline is read past. */
const extended: Readonly<Record<number, 'colour' | 'ground' | 'line'>> = { 38: 'colour', 48: 'ground', 58: 'line' }

type Draft = { -readonly [K in keyof TextStyle]: TextStyle[K] }

/** The style behind an SGR sequence with these numbers (`1;38;5;208`); numbers that mean nothing change nothing. */
export function styledBy(sgr: string, before: TextStyle): TextStyle {
  const style: Draft = { ...before }
  const words = sgr.split(';')
  for (let at = 0; at < words.length; at++) {
    const [code = 0, ...parts] = words[at]!.split(':').map(Number)
    const target = extended[code]
    if (!target) apply(code, parts, style)
    else if (parts.length > 0) setColour(style, target, withoutSpace(parts))
    else at += setColour(style, target, words.slice(at + 1, at + 5).map(Number))
  }
  return style
}

/** `2::r:g:b` names a colour space before the colours, which is mostly empty. */
const withoutSpace = (parts: number[]): number[] =>
  parts[0] === 2 && parts.length > 4 ? [2, ...parts.slice(2)] : parts

/** Reads `5;n` or `2;r;g;b` into a style; how many numbers that took. */
function setColour(style: Draft, target: 'colour' | 'ground' | 'line', [kind, ...of]: number[]): number {
  const taken = kind === 5 ? 1 : kind === 2 ? 3 : 0
  const numbers = of.slice(0, taken)
  const areBytes = taken > 0 && numbers.length === taken && numbers.every((one) => one >= 0 && one <= 255)
  if (areBytes && target !== 'line') {
    const [first = 0, green = 0, blue = 0] = numbers
    style[target] = kind === 5 ? first : trueColour + (first << 16) + (green << 8) + blue
  }
  return taken + 1
}

function apply(code: number, parts: number[], style: Draft): void {
  const flag = flagsOn[code]
  // `4:0` is no underline, `4:3` a wavy one.
  if (flag && parts[0] === 0) delete style[flag]
  else if (flag) style[flag] = true
  for (const off of flagsOff[code] ?? []) delete style[off]
  if (code === 0) for (const key of Object.keys(style) as Array<keyof TextStyle>) delete style[key]
  else if (code >= 30 && code <= 37) style.colour = code - 30
  else if (code >= 90 && code <= 97) style.colour = code - 90 + 8
  else if (code >= 40 && code <= 47) style.ground = code - 40
  else if (code >= 100 && code <= 107) style.ground = code - 100 + 8
  else if (code === 39) delete style.colour
  else if (code === 49) delete style.ground
}
