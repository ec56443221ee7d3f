/** Sixteen characters of a 64-bit FNV-1a hash, in the alphabet that chain names may have: the same on every node. */
export function chainHash(text: string): string {
  const prime = 0x100000001b3n
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * prime)
  return hash.toString(32).toUpperCase().padStart(16, '0').slice(0, 16)
}
