/**
 * What a Corefile says of names that are not the cluster's: which servers are asked for those below a zone (kubernetes.io, "Customizing DNS Service:
 * Configuration of Stub-domain and upstream nameserver using CoreDNS"). Other plugins are passed over: the cluster's own names are answered as they
 * are whatever it says of them.
 */

/** Servers for all names below a zone. */
export interface Forward {
  /** In small letters, without the last dot; the root is empty. */
  zone: string
  /** `address` or `address:port`, in the order they are asked; {@link NODE} stands for those of the node. */
  servers: readonly string[]
}

/** In a Corefile the node's own servers. */
export const NODE = '/etc/resolv.conf'

/** Reads a Corefile; what it cannot read it passes over. Pure. */
export function forwardsOf(corefile: string): Forward[] {
  const forwards: Forward[] = []
  let zones: string[] = []
  let depth = 0
  for (const line of corefile.split('\n')) {
    const words = wordsOf(line)
    const opens = words.at(-1) === '{'
    if (depth === 0 && opens) zones = zonesOf(words.slice(0, -1))
    if (depth === 1 && words[0] === 'forward') forwards.push(...forwardsOfLine(words, zones))
    if (opens) depth++
    if (words[0] === '}') depth = Math.max(0, depth - 1)
  }
  return forwards
}

/** Who is asked for a name: the servers of the longest zone that it is below, else the node's. */
export function serversFor(name: string, forwards: readonly Forward[], node: readonly string[]): readonly string[] {
  const asked = normal(name)
  let best: Forward | undefined
  for (const forward of forwards)
    if (isBelow(asked, forward.zone) && (!best || forward.zone.length > best.zone.length)) best = forward
  return best ? best.servers.flatMap((server) => (server === NODE ? node : [server])) : node
}

const wordsOf = (line: string): string[] =>
  line
    .replace(/(^|\s)#.*$/, '')
    .split(/[\s,]+/)
    .filter((word) => word !== '')

/** The names before a block, without their protocol and port. A snippet's is in parentheses: it is no zone. */
const zonesOf = (words: readonly string[]): string[] =>
  words
    .filter((word) => !word.startsWith('('))
    .map((word) => normal(word.replace(/^dns:\/\//, '').replace(/:\d+$/, '')))

function forwardsOfLine([, from = '.', ...to]: readonly string[], zones: readonly string[]): Forward[] {
  const servers = to.map((word) => word.replace(/^dns:\/\//, '')).filter((word) => word === NODE || isServer(word))
  if (servers.length === 0) return []
  const below = normal(from)
  return below === '' ? zones.map((zone) => ({ zone, servers })) : [{ zone: below, servers }]
}

const isServer = (word: string): boolean => /^\d+(\.\d+){3}(:\d+)?$/.test(word)

const normal = (name: string): string => name.toLowerCase().replace(/\.$/, '')

const isBelow = (name: string, zone: string): boolean => zone === '' || name === zone || name.endsWith(`.${zone}`)
