import type { Location, Modifier } from './model.ts'
import { escapeRegex } from './quote.ts'

/** Path types of an Ingress, by which paths are compared (kubernetes.io, "Ingress: Path types"). */
export type PathType = 'Exact' | 'Prefix' | 'ImplementationSpecific'

/** One path of a rule, or the default backend of an Ingress as the least of its paths. */
export interface Route {
  type: PathType
  path: string
  /** The path is a regular expression if it looks like one. */
  regex: boolean
  /** Takes what nobody else of the host does. */
  fallback: boolean
  target: Omit<Location, 'modifier' | 'pattern' | 'rewriteFrom'>
}

/** Which Ingress answers which path of a host, where several ask for one. */
export interface Placed {
  locations: Location[]
  /** Routes whose place another has: the other's Ingress. */
  taken: Array<{ route: Route; by: string }>
}

/**
 * A host's paths as nginx's locations (kubernetes.io, "Ingress: Path types"): the longest wins, of equal ones the exact, then the one that comes first. Where a
 * path of a host is an expression, all but exact ones become expressions, in the order of their length, since nginx holds those above beginnings.
 */
export function placeRoutes(routes: readonly Route[]): Placed {
  const expressions = routes.some((route) => isExpression(route))
  const sorted = routes
    .map((route, age) => ({ route, age }))
    .toSorted((a, b) => b.route.path.length - a.route.path.length || rank(a.route) - rank(b.route) || a.age - b.age)
  const locations = new Map<string, Location>()
  const taken: Placed['taken'] = []
  for (const { route } of sorted) {
    const [main, ...more] = placesOf(route, expressions)
    const holder = locations.get(keyOf(main!))
    if (holder && !route.fallback) taken.push({ route, by: holder.ingress })
    for (const place of [main!, ...more]) {
      if (locations.has(keyOf(place))) continue
      const rewriteFrom = rewriteFromOf(route)
      locations.set(keyOf(place), { ...place, ...route.target, ...(rewriteFrom ? { rewriteFrom } : {}) })
    }
  }
  return { locations: [...locations.values()].toSorted((a, b) => first(b) - first(a)), taken }
}

type Place = Pick<Location, 'modifier' | 'pattern'>

const place = (modifier: Modifier, pattern: string): Place => ({ modifier, pattern })
const keyOf = ({ modifier, pattern }: Place): string => `${modifier} ${pattern}`
const ranks: Readonly<Record<PathType, number>> = { Exact: 0, Prefix: 1, ImplementationSpecific: 2 }
const rank = ({ type, fallback }: Route): number => (fallback ? 3 : ranks[type])

/** A path of letters, digits and dots alone means itself, also where expressions are allowed. */
const isExpression = ({ type, regex, path }: Route): boolean =>
  regex && type !== 'Exact' && (type === 'ImplementationSpecific' || /[()[\]{}|^$*+?\\]/.test(path))

/** The first decides whether the route's place is taken. */
function placesOf(route: Route, expressions: boolean): Place[] {
  const { type, path } = route
  if (isExpression(route)) return [place('~*', `^${path}`)]
  if (type === 'Exact') return [exactly(decoded(path))]
  const begins = decoded(type === 'Prefix' ? withoutSlash(path) : path)
  if (begins === '/') return [place('', '/')]
  if (type === 'ImplementationSpecific')
    return [expressions ? place('~', `^${escapeRegex(begins)}`) : place('', begins)]
  return expressions ? [place('~', `^${escapeRegex(begins)}(?:/|$)`)] : [place('', `${begins}/`), place('=', begins)]
}

/**
 * nginx leads who asks for `/a` to a location of exactly `/a/`; an expression it leaves to itself, and holds it above beginnings all the same. It stands before
 * all other expressions.
 */
const exactly = (path: string): Place =>
  path.length > 1 && path.endsWith('/') ? place('~', `${EXACT}${escapeRegex(path)}$`) : place('=', path)

const EXACT = '^(?#exact)'
const first = ({ pattern }: Place): number => Number(pattern.startsWith(EXACT))

/** What `rewrite-target` replaces when it matches; the whole path is replaced then. */
function rewriteFromOf(route: Route): string | undefined {
  if (route.target.settings.rewriteTarget === undefined) return undefined
  if (isExpression(route)) return `(?i)^${route.path}`
  const path = decoded(route.type === 'Prefix' ? withoutSlash(route.path) : route.path)
  if (route.type === 'Exact') return `^${escapeRegex(path)}$`
  return route.type === 'Prefix' && path !== '/' ? `^${escapeRegex(path)}(?:/|$)` : `^${escapeRegex(path)}`
}

const withoutSlash = (path: string): string => (path.length > 1 ? path.replace(/\/+$/, '') || '/' : path)

/** nginx compares paths after it has undone their %-encoding. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
