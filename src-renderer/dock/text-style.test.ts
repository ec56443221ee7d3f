import { expect, it } from 'vitest'
import { plainStyle, styledBy, trueColour, type TextStyle } from './text-style.ts'

it.each<[string, TextStyle]>([
  ['31', { colour: 1 }],
  ['1;97;44', { bold: true, colour: 15, ground: 4 }],
  ['100', { ground: 8 }],
  ['2;3;4;7;9', { dim: true, italic: true, underline: true, inverse: true, strike: true }],
  ['4:3', { underline: true }],
  ['38;5;208', { colour: 208 }],
  ['38;5;208;1', { colour: 208, bold: true }],
  ['48;2;1;2;3', { ground: trueColour + 0x010203 }],
  ['38:5:9;4', { colour: 9, underline: true }],
  ['38:2:1:2:3', { colour: trueColour + 0x010203 }],
  ['38:2::255:0:16', { colour: trueColour + 0xff0010 }],
  ['58;2;9;9;9;3', { italic: true }],
])('reads %s', (sgr, style) => {
  expect(styledBy(sgr, plainStyle)).toEqual(style)
})

it('ends one thing or everything', () => {
  const all = styledBy('1;2;3;4;7;9;31;42', plainStyle)
  expect(styledBy('22;23;24;27;29;39;49', all)).toEqual({})
  expect(styledBy('22', all)).not.toHaveProperty('dim')
  expect(styledBy('4:0', all)).not.toHaveProperty('underline')
  expect(styledBy('0', all)).toEqual({})
  expect(styledBy('', all)).toEqual({})
  expect(styledBy('0;35', all)).toEqual({ colour: 5 })
})

it.each(['38', '38;5', '38;2;1;2', '38;5;256', '38;2;1;2;999', '38;9', '38:5', '5', '8', '65', '999', '10'])(
  'does nothing with %s',
  (sgr) => {
    expect(styledBy(sgr, { colour: 2 })).toEqual({ colour: 2 })
  },
)
