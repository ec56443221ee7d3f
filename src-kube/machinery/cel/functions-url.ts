import { CelError } from './errors.ts'
import type { Functions, Overload } from './functions.ts'
import { Opaque, type Value } from './values.ts'

interface Parts {
  scheme: string
  /** With the port, an IPv6 address in brackets. */
  host: string
  path: string
  query: string
}

class Url extends Opaque {
  readonly typeName = 'kubernetes.URL'
  readonly parts: Parts
  constructor(parts: Parts) {
    super()
    this.parts = parts
  }
}

/** Name or address without brackets, and port. */
const HOST = /^(?:\[([0-9a-fA-F:.]+(?:%25[^\]]*)?)\]|([^[\]:\s<>"^`{|}\\]*))(?::(\d*))?$/
// eslint-disable-next-line no-control-regex -- these are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/

/**
 * A URL as Go's `url.ParseRequestURI` reads it: absolute, or a path of its own. Unlike the web's own URLs nothing of it is made regular: a
 * default port and dots in the path stay. Undefined for what is none.
 */
function parse(text: string): Parts | undefined {
  const [, scheme = '', rest = ''] = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(.*)$/s.exec(text) ?? []
  if (CONTROL.test(text) || !rest.startsWith('/')) return undefined
  const mark = rest.indexOf('?')
  const before = mark < 0 ? rest : rest.slice(0, mark)
  const query = mark < 0 ? '' : rest.slice(mark + 1)
  const [, authority = '', path = ''] = (scheme && /^\/\/([^/]*)(.*)$/s.exec(before)) || ['', '', before]
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  if (!HOST.test(host) || /%(?![0-9a-fA-F]{2})/.test(path)) return undefined
  return { scheme: scheme.toLowerCase(), host, path, query }
}

/** Whether a text is a URL that expressions take. */
export const isUrl = (text: string): boolean => parse(text) !== undefined

function url(text: string): Url {
  const parts = parse(text)
  if (parts) return new Url(parts)
  throw new CelError(
    `URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`,
  )
}

const escaped = (path: string): string =>
  path.replaceAll(/[^A-Za-z0-9\-_.~$&+,/:;=@!'()*[\]%]/gu, (character) => encodeURIComponent(character.toWellFormed()))

const onUrl =
  (read: (parts: Parts) => Value): Overload =>
  (one) =>
    one instanceof Url ? read(one.parts) : undefined

function queryOf(text: string): Value {
  const params = new URLSearchParams(text)
  return Object.fromEntries([...new Set(params.keys())].map((key) => [key, params.getAll(key)]))
}

/** URLs ("Common Expression Language in Kubernetes: Kubernetes URL library"). */
export const urlFunctions: Functions = {
  url: [(text) => (typeof text === 'string' ? url(text) : undefined)],
  isURL: [(text) => (typeof text === 'string' ? isUrl(text) : undefined)],
  getScheme: [onUrl(({ scheme }) => scheme)],
  getHost: [onUrl(({ host }) => host)],
  getHostname: [onUrl(({ host }) => hostname(host))],
  getPort: [onUrl(({ host }) => HOST.exec(host)?.[3] ?? '')],
  getEscapedPath: [onUrl(({ path }) => escaped(path))],
  getQuery: [onUrl(({ query }) => queryOf(query))],
}

function hostname(host: string): string {
  const [, address, name] = HOST.exec(host) ?? []
  return address ?? name ?? ''
}
