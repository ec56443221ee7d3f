import type { Secret } from '#types/core/v1'

/**
 * `stringData` is write-only: it lands, encoded, in `data` (kubernetes.io, "Secrets"), before anybody asks who owns what: nobody owns what is never
 * there. The map in `data` is not written to.
 */
export function foldStringData(secret: Secret): void {
  if (!secret.stringData) return
  const encoded = Object.entries(secret.stringData).map(([key, value]) => [key, base64(value)] as const)
  secret.data = { ...secret.data, ...Object.fromEntries(encoded) }
  delete secret.stringData
}

function base64(text: string): string {
  let binary = ''
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary)
}
