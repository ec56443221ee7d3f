import { expect, test } from 'vitest'
import { goMap } from './go-map.ts'

test('Maps are printed as Go prints them', () => {
  expect(goMap({ b: 1, a: [true, null, { x: 'y z' }] })).toBe('map[a:[true <nil> map[x:y z]] b:1]')
})
