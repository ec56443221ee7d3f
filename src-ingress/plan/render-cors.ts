import { createHash } from 'node:crypto'
import type { Cors } from './cors.ts'
import type { Model } from './model.ts'
import { literal, quote } from './quote.ts'

/** Every set of origins as a variable, which holds the request's origin where it is one of them. */
export function corsMaps({ servers }: Model): string[] {
  const patterns = servers.flatMap(({ locations }) => locations.flatMap(({ settings }) => settings.cors?.origins ?? []))
  return [...new Set(patterns)].flatMap((pattern) => [
    `map $http_origin ${originOf(pattern)} {`,
    '  default "";',
    `  ${quote(`~${pattern}`)} $http_origin;`,
    '}',
  ])
}

/** The headers of an answer that other origins may read, and the answer to the question that comes before a request (fetch.spec.whatwg.org, "CORS protocol"). */
export function corsLines({ origins, methods, headers, expose, credentials, maxAge }: Cors): string[] {
  const header = (name: string, value: string) => `add_header Access-Control-${name} ${value} always;`
  return [
    header('Allow-Origin', origins ? originOf(origins) : '"*"'),
    ...(origins ? ['add_header Vary Origin always;'] : []),
    ...(credentials ? [header('Allow-Credentials', '"true"')] : []),
    ...(expose ? [header('Expose-Headers', literal(expose))] : []),
    header('Allow-Methods', literal(methods)),
    header('Allow-Headers', literal(headers)),
    header('Max-Age', String(maxAge)),
    'if ($request_method = OPTIONS) {',
    '  return 204;',
    '}',
  ]
}

/** A name made of the pattern, so that equal patterns share it. */
const originOf = (pattern: string): string =>
  `$cors_origin_${createHash('sha256').update(pattern).digest('hex').slice(0, 12)}`
