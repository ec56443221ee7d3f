import { describe, expect, it } from 'vitest'
import { memoryText } from './memory.ts'

describe('memory for people', () => {
  it.each([
    ['24554340Ki', '23.4 GiB'],
    ['8Gi', '8 GiB'],
    ['512Mi', '512 MiB'],
    ['100', '100 B'],
    ['1500M', '1.4 GiB'],
    ['', ''],
    ['lots', 'lots'],
  ])('writes %j as %s', (quantity, text) => {
    expect(memoryText(quantity)).toBe(text)
  })
})
