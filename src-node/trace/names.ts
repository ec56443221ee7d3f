import type { NameQuery } from '../../src-wire/trace/steps.ts'

/** What a resolver is told by `/etc/resolv.conf` (resolv.conf(5)). */
export interface Resolver {
  server: string | undefined
  search: string[]
  ndots: number
}

/** Domains in a search list, as many as the API lets a pod have (kubernetes.io, "DNS search domain list limits"). */
const MOST_DOMAINS = 32

/** Later `search` lines replace earlier ones; the first server is asked first. */
export function parseResolver(text: string): Resolver {
  const rows = text.split('\n').map((line) =>
    line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/),
  )
  const of = (word: string): string[][] => rows.filter((row) => row[0] === word).map((row) => row.slice(1))
  const dots = of('options')
    .flat()
    .find((option) => option.startsWith('ndots:'))
  return {
    server: of('nameserver')[0]?.[0],
    search: (of('search').at(-1) ?? []).filter((domain) => domain !== '.').slice(0, MOST_DOMAINS),
    ndots: dots ? Number(dots.slice('ndots:'.length)) : 1,
  }
}

/** The names that a resolver asks for, in its order: with fewer dots than `ndots` the search list comes first. What is no name is left out. */
export function candidates(name: string, { search, ndots }: Pick<Resolver, 'search' | 'ndots'>): string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)]
  const searched = search.map((domain) => `${name}.${domain}`).filter(isHost)
  const dots = name.split('.').length - 1
  return dots >= ndots ? [name, ...searched] : [...searched, name]
}

const NAME = /^(?=.{1,253}\.?$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i
const OCTET = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)'
const address = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`)

export const isAddress = (host: string): boolean => address.test(host)
export const isHost = (host: string): boolean => isAddress(host) || (NAME.test(host) && !/^[\d.]+$/.test(host))

/** One line a question, as evidence. */
export const queryLine = ({ name, result, addresses, aliases, ms }: NameQuery): string => {
  const answer = { 'no-name': 'NXDOMAIN', 'no-data': 'NOERROR, no A record', failed: 'SERVFAIL', silent: 'no answer' }
  const words = result === 'found' ? addresses.join(' ') : answer[result]
  const through = aliases.length > 0 ? ` CNAME ${aliases.join(' ')}` : ''
  return `${name}. A →${through} ${words}${ms === undefined ? '' : ` (${ms.toFixed(1)} ms)`}`
}
