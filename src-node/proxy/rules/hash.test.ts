import { describe, expect, it } from 'vitest'
import { chainHash } from './hash.ts'

/** FNV-1a as it is written down (draft-eastlake-fnv). */
function written(text: string): string {
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  return hash.toString(32).toUpperCase().padStart(16, '0').slice(0, 16)
}

describe('chainHash', () => {
  it('is FNV-1a of 64 bits, whatever is hashed', () => {
    const texts = ['', 'a', 'ü', 'shop/web:http/tcp', ...Array.from({ length: 500 }, (_, i) => 'x'.repeat(i % 70) + i)]
    for (const text of texts) expect(chainHash(text)).toBe(written(text))
  })
})
