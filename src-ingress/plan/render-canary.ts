import { createHash } from 'node:crypto'
import type { Canary } from './canary.ts'
import type { Model, Server } from './model.ts'
import { escapeRegex, quote } from './quote.ts'
import { map } from './render.ts'

/**
 * Every canary's conditions as a variable that is 1 for its requests: a map for the header, which where that says nothing asks the one for the cookie,
 * which asks chance.
 */
export function canaryMaps({ servers }: Model): string[] {
  const conditions = new Map(servers.flatMap(canariesOf).map(({ when }) => [variableOf(when), when]))
  return [...conditions].flatMap(([variable, when]) => mapsOf(variable, when))
}

/** What a location says so that the canary's requests go on at the canary's own. */
export const canarySwitch = ({ name, when }: { name: string; when: Canary }): string[] => [
  // A code that nobody else uses: the request goes on, with its method and body, as if it had come there.
  `error_page ${AWAY} = ${name};`,
  `if (${variableOf(when)}) {`,
  `  return ${AWAY};`,
  '}',
]

/** A status that no pod is likely to answer with: nginx leaves a location by it. */
const AWAY = 418

const canariesOf = ({ locations }: Server) => locations.flatMap(({ canary }) => canary ?? [])

/** A name made of the conditions, so that equal ones share it. */
const variableOf = (when: Canary): string =>
  `$canary_${createHash('sha256').update(JSON.stringify(when)).digest('hex').slice(0, 12)}`

function mapsOf(variable: string, { header, cookie, share }: Canary): string[] {
  const [byCookie, byChance] = [`${variable}_cookie`, `${variable}_chance`]
  return [
    ...map('split_clients $request_id', byChance, chance(share)),
    ...map(cookie ? `map $cookie_${cookie}` : 'map ""', byCookie, [`default ${byChance};`, ...(cookie ? decided : [])]),
    ...map(header ? `map $http_${header.name.toLowerCase().replaceAll('-', '_')}` : 'map ""', variable, [
      `default ${byCookie};`,
      ...(header ? deciding(header) : []),
    ]),
  ]
}

const decided = ['"always" 1;', '"never" 0;']

/** The case of letters matters in a header's value, which a map's plain texts do not look at. */
function deciding({ value, pattern }: NonNullable<Canary['header']>): string[] {
  if (value !== undefined) return [`${quote(`~^${escapeRegex(value)}$`)} 1;`]
  return pattern === undefined ? decided : [`${quote(`~${pattern}`)} 1;`]
}

function chance(share: number): string[] {
  if (share <= 0) return ['* 0;']
  return share >= 10_000 ? ['* 1;'] : [`${(share / 100).toFixed(2)}% 1;`, '* 0;']
}
