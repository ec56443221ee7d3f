import { describe, expect, it } from 'vitest'
import {
  QUANTITY_ERROR,
  addQuantities,
  bytesValue,
  compareQuantities,
  formatQuantity,
  milliValue,
  negateQuantity,
  parseQuantity,
} from './quantity.ts'

const canonical: Array<[string | number, string]> = [
  ['0', '0'],
  ['-0', '0'],
  ['1000m', '1'],
  ['1500m', '1500m'],
  ['0.5', '500m'],
  ['.5', '500m'],
  ['5.', '5'],
  ['+5', '5'],
  ['-1.5', '-1500m'],
  ['1000', '1k'],
  ['1500', '1500'],
  ['1024Ki', '1Mi'],
  ['1.5Gi', '1536Mi'],
  ['-2048Ki', '-2Mi'],
  ['1025Ki', '1025Ki'],
  ['0.5Ki', '512'],
  ['0.0001Ki', '102400u'],
  ['0.1Ki', '102400m'],
  ['1.0009765625Ki', '1025'],
  ['1e3', '1e3'],
  ['12e2', '1200'],
  ['1E3', '1e3'],
  ['1E', '1E'],
  ['10E', '9223372036854775807'],
  ['-10E', '-9223372036854775807'],
  ['1e999999999', '9223372036854775807'],
  ['9999999999999999999', '9223372036854775807'],
  ['1e-999999999', '1e-9'],
  ['0.00000000001', '1n'],
  ['1.0000000001', '1000000001n'],
  ['-0.00000000001', '-1n'],
  ['100u', '100u'],
  [' 7 ', '7'],
  [2.5, '2500m'],
  [1e21, '9223372036854775807'],
]

describe('formatQuantity', () => {
  it.each(canonical)('writes %s as %s', (text, expected) => {
    expect(formatQuantity(text)).toBe(expected)
  })

  it('is its own fixed point', () => {
    for (const [text] of canonical) {
      const once = formatQuantity(text)
      expect(formatQuantity(once)).toBe(once)
    }
  })
})

describe('parseQuantity', () => {
  it.each(['', '.', '1x', '1 Gi', 'Gi', '1e', '--1', '1,5', '0x10', '1Gi2'])(
    'refuses %j in the words of the API server',
    (text) => {
      expect(() => parseQuantity(text)).toThrow(new RangeError(QUANTITY_ERROR))
    },
  )
})

describe('values', () => {
  it('counts thousandths and whole units, rounded up', () => {
    expect(milliValue('1.5')).toBe(1500)
    expect(milliValue('100m')).toBe(100)
    expect(milliValue('1u')).toBe(1)
    expect(milliValue('-1u')).toBe(-1)
    expect(milliValue(2)).toBe(2000)
    expect(milliValue(undefined)).toBe(0)
    expect(bytesValue('1Ki')).toBe(1024)
    expect(bytesValue('1m')).toBe(1)
    expect(bytesValue('1k')).toBe(1000)
    expect(bytesValue(undefined)).toBe(0)
  })

  it('stays right when more texts come by than are remembered', () => {
    for (let i = 0; i < 5000; i++) expect(milliValue(`${i}m`)).toBe(i)
    expect(milliValue('1m')).toBe(1)
    expect(milliValue('1m')).toBe(1)
  })
})

describe('arithmetic', () => {
  it('compares across formats', () => {
    expect(compareQuantities('1Ki', '1024')).toBe(0)
    expect(compareQuantities('1k', '1Ki')).toBe(-1)
    expect(compareQuantities('1', parseQuantity('999m'))).toBe(1)
  })

  it('adds in the format of the first that is not zero', () => {
    expect(formatQuantity(addQuantities('1Gi', '1Gi'))).toBe('2Gi')
    expect(formatQuantity(addQuantities('0', '512Mi', '0.5Gi'))).toBe('1Gi')
    expect(formatQuantity(addQuantities('100m', '900m'))).toBe('1')
    expect(formatQuantity(addQuantities('2', negateQuantity('500m')))).toBe('1500m')
    expect(formatQuantity(addQuantities('0'))).toBe('0')
    expect(formatQuantity(addQuantities())).toBe('0')
  })
})
