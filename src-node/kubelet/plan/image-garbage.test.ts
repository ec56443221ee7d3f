import { describe, expect, it } from 'vitest'
import { fullName, imageExcess, imagesToRemove, noticed } from './image-garbage.ts'

const GIB = 2 ** 30

describe('images on a disk', () => {
  it.each([
    [{ total: 100, free: 16 }, 0],
    [{ total: 100, free: 15 }, 5],
    [{ total: 1000 * GIB, free: 6 * GIB }, 0],
    [{ total: 1000 * GIB, free: 4 * GIB }, 4 * GIB],
    [{ total: 0, free: 0 }, 0],
  ])('of %o: %d bytes are to go', (disk, bytes) => {
    expect(imageExcess(disk)).toBe(bytes)
  })

  it('go in the order of their last use, as many as needed', () => {
    const images = [
      { id: 'recent', size: 10, detectedAt: 0, usedAt: 50 },
      { id: 'never', size: 10, detectedAt: 5, usedAt: 0 },
      { id: 'older', size: 10, detectedAt: 1, usedAt: 0 },
      { id: 'used', size: 10, detectedAt: 0, usedAt: 200_000 },
      { id: 'new', size: 10, detectedAt: 190_000, usedAt: 0 },
    ]
    const ids = (bytes: number) => imagesToRemove(images, bytes, 200_000).map(({ id }) => id)
    expect(ids(11)).toEqual(['older', 'never'])
    expect(ids(Infinity)).toEqual(['older', 'never', 'recent'])
    expect(ids(0)).toEqual([])
  })

  it('are known from the first look on, and by their last use', () => {
    const first = noticed([], [{ id: 'a', size: 1 }], new Set(['a']), 10)
    expect(first).toEqual([{ id: 'a', size: 1, detectedAt: 10, usedAt: 10 }])
    expect(
      noticed(
        first,
        [
          { id: 'a', size: 1 },
          { id: 'b', size: 2 },
        ],
        new Set(),
        20,
      ),
    ).toEqual([
      { id: 'a', size: 1, detectedAt: 10, usedAt: 10 },
      { id: 'b', size: 2, detectedAt: 20, usedAt: 0 },
    ])
  })

  it('have one name, however short it is written', () => {
    expect(fullName('nginx')).toBe(fullName('docker.io/library/nginx:latest'))
    expect(fullName(`nginx@sha256:${'a'.repeat(64)}`)).toBe(`docker.io/library/nginx@sha256:${'a'.repeat(64)}`)
    expect(fullName('No Image')).toBeUndefined()
  })
})
