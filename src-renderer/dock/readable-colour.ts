/** Red, green and blue, each from 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number]

/** What text needs beside its ground: WCAG 2.2, success criterion 1.4.3 (AA). */
export const leastContrast = 4.5

/** How bright a colour is, from 0 to 1, as WCAG reckons it. */
function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** From 1, the same, to 21, black on white. */
export function contrast(one: Rgb, other: Rgb): number {
  const [a, b] = [luminance(one), luminance(other)]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

/** A colour with a share of another in it. */
export const mixed = (colour: Rgb, other: Rgb, share: number): Rgb =>
  colour.map((part, at) => Math.round(part + (other[at]! - part) * share)) as unknown as Rgb

const [black, white]: [Rgb, Rgb] = [
  [0, 0, 0],
  [255, 255, 255],
]
const steps = 20

/**
 * The colour itself where it can be read on all of the grounds, otherwise with as much black or white in it as it needs. The grounds must be of one
 * kind, all dark or all light: what stands on both cannot be helped.
 */
export function readable(colour: Rgb, grounds: readonly Rgb[]): Rgb {
  const least = (one: Rgb): number => Math.min(...grounds.map((ground) => contrast(one, ground)))
  const towards = least(white) > least(black) ? white : black
  for (let step = 0; step < steps; step++) {
    const next = mixed(colour, towards, step / steps)
    if (least(next) >= leastContrast) return next
  }
  return towards
}
