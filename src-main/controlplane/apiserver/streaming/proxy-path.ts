import { posix } from 'node:path'

/** What Go leaves as it is in a path. */
const ESCAPED = /[^A-Za-z0-9\-_.~$&+,/:;=@]/g

/**
 * What a backend is asked for when this is the rest of the path of a proxied request: kube-apiserver reads the path decoded, so that `%2F` divides it
 * as `/` does (clients that take a path as one parameter encode it so), tidies it, and encodes it anew. A slash at its end stays. Pure.
 */
export function backendPath(rest: string): string {
  const plain = rest.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return posix.join('/', plain).replace(ESCAPED, (char) => {
    const bytes = Buffer.from(char, 'latin1').toString('hex').toUpperCase()
    return `%${bytes}`
  })
}
