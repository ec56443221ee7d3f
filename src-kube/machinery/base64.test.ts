import { describe, expect, it } from 'vitest'
import { checkBase64 } from './base64.ts'

describe('checkBase64', () => {
  it.each(['', 'YQ==', 'YWI=', 'YWJj', 'YWJj+/8='])('takes %j as it is', (value) => {
    expect(checkBase64(value)).toBe(value)
  })

  it.each([
    ['YW\nJj\n', 'YWJj'],
    ['YQ=\r\n=', 'YQ=='],
    ['YQ==\n', 'YQ=='],
    ['YWI=\n', 'YWI='],
  ])('leaves the line breaks of %j out', (value, plain) => {
    expect(checkBase64(value)).toBe(plain)
  })

  // Positions as Go's encoding/base64 gives them.
  it.each([
    ['!!', 0],
    ['YQ', 0],
    ['YWJjY', 4],
    ['YW=j', 2],
    ['YQ=', 3],
    ['Y===', 1],
    ['====', 0],
    ['YQ==YQ==', 4],
    ['YWJj-_8=', 4],
    ['YWI=x', 4],
  ])('finds what is wrong with %j at %i', (value, at) => {
    expect(checkBase64(value)).toBe(at)
  })
})
