// @vitest-environment node
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { contrast, leastContrast, readable, type Rgb } from './readable-colour.ts'
import { coloursOf, lookOf, type Palette } from './text-look.ts'
import { trueColour, type TextStyle } from './text-style.ts'
import { paletteFrom } from './use-text-look.ts'

const css = readFileSync(join(import.meta.dirname, '../styles/tokens.css'), 'utf8')
const bodies = [...css.matchAll(/([^{}]+)\{([^{}]*)\}/g)].map(([, selector = '', body = '']) => ({ selector, body }))

/** The colours of a theme as the style sheet has them: those of every theme first, then its own. */
function themed(theme: string): Palette {
  const found = new Map<string, string>()
  for (const { selector, body } of bodies) {
    if (selector.includes('[data-theme=') && !selector.includes(`'${theme}'`)) continue
    for (const [, name = '', value = ''] of body.matchAll(/(--[\w-]+):\s*([^;]+);/g)) found.set(name, value)
  }
  return paletteFrom((name) => found.get(name) ?? '')
}

const themes = ['light', 'dark', 'contrast'] as const
const someTrue = [0, 64, 128, 192, 255].flatMap((red) =>
  [0, 128, 255].flatMap((green) => [0, 128, 255].map((blue) => trueColour + (red << 16) + (green << 8) + blue)),
)
const colours = [...Array.from({ length: 256 }, (_, at) => at), ...someTrue]

/** The least contrast of a style's text with what it stands on. */
const contrastOf = (style: TextStyle, palette: Palette): number => {
  const { text = palette.text, ground } = coloursOf(style, palette)
  return Math.min(...(ground ? [ground] : palette.grounds).map((one) => contrast(text, one)))
}

describe.each(themes)('in the theme %s', (theme) => {
  const palette = themed(theme)

  it('every colour can be read on the page and on the marked line, also when it is dim', () => {
    const poor = colours.flatMap((colour) => [
      ...(contrastOf({ colour }, palette) < leastContrast ? [colour] : []),
      ...(contrastOf({ colour, dim: true }, palette) < leastContrast ? [colour] : []),
    ])
    expect(poor).toEqual([])
    expect(contrastOf({ dim: true }, palette)).toBeGreaterThanOrEqual(leastContrast)
  })

  it('every text can be read on every ground, also when they are swapped', () => {
    const poor = colours.flatMap((ground) =>
      [undefined, 0, 1, 4, 7, 15, ground].flatMap((colour) => {
        const style: TextStyle = { ground, ...(colour !== undefined && { colour }) }
        const least = Math.min(contrastOf(style, palette), contrastOf({ ...style, inverse: true }, palette))
        return least < leastContrast ? [style] : []
      }),
    )
    expect(poor).toEqual([])
    expect(contrastOf({ inverse: true }, palette)).toBeGreaterThanOrEqual(leastContrast)
  })

  it('the eight hues stay apart', () => {
    const seen = [1, 2, 3, 4, 5, 6].map((colour) => String(coloursOf({ colour }, palette).text))
    expect(new Set(seen).size).toBe(6)
  })
})

it('leaves a colour alone that can be read already', () => {
  const grounds: Rgb[] = [[255, 255, 255]]
  expect(readable([120, 0, 0], grounds)).toEqual([120, 0, 0])
  expect(readable([255, 255, 0], grounds)).not.toEqual([255, 255, 0])
})

it('says in CSS what a style looks like, and nothing of what is as usual', () => {
  const palette = themed('light')
  expect(lookOf({}, palette)).toEqual({})
  expect(lookOf({ bold: true, italic: true, underline: true, strike: true }, palette)).toEqual({
    fontWeight: '700',
    fontStyle: 'italic',
    textDecorationLine: 'underline line-through',
  })
  expect(lookOf({ colour: 52, ground: 231 }, palette)).toEqual({
    color: 'rgb(95, 0, 0)',
    backgroundColor: 'rgb(255, 255, 255)',
  })
  expect(lookOf({ colour: 232, ground: 255, inverse: true }, palette)).toEqual({
    color: 'rgb(238, 238, 238)',
    backgroundColor: 'rgb(8, 8, 8)',
  })
})
