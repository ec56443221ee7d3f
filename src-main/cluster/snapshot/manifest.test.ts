import { describe, expect, it } from 'vitest'
import { countOf, parseManifest, snapshotParts } from './manifest.ts'

const whole = {
  cluster: 'one',
  taken: '2026-01-01T00:00:00Z',
  drydock: '1.0.0',
  schema: 1,
  revision: 4,
  objects: { pods: 2, secrets: 1 },
  parts: snapshotParts.map((name) => ({ name, bytes: 3 })),
}

describe('a manifest', () => {
  it('is a line of JSON that tells all of what is there', () => {
    expect(parseManifest(JSON.stringify({ ...whole, more: 1 }))).toMatchObject(whole)
    expect(countOf(whole)).toBe(3)
  })

  it.each<[string, object]>([
    ['parts of no size', { parts: whole.parts.map((part) => ({ ...part, bytes: -1 })) }],
    ['parts whose size is a word', { parts: whole.parts.map((part) => ({ ...part, bytes: '3' })) }],
    ['parts of a size that no disk has', { parts: whole.parts.map((part) => ({ ...part, bytes: 1e300 })) }],
    ['no parts', { parts: [] }],
    ['no objects', { objects: null }],
    ['objects that are not counted', { objects: { pods: 'many' } }],
    ['a revision that is none', { revision: -1 }],
  ])('is none with %s', (_, wrong) => {
    expect(parseManifest(JSON.stringify({ ...whole, ...wrong }))).toBeUndefined()
  })

  it('is none when it is no JSON', () => {
    expect(parseManifest('{')).toBeUndefined()
    expect(parseManifest('null')).toBeUndefined()
  })
})
