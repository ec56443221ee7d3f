import { pathText } from '../fields-v1/encode.ts'
import { isObject, partsOf, type Shape } from '../fields-v1/shape.ts'

/**
 * Where in a configuration a list, map or object stands that is owned as a whole: whoever applies it also removes what they leave out of it.
 * Paths as server-side apply writes them, but with items of lists by their place, in the order of the configuration. Pure.
 */
export function atomicPlaces(configuration: unknown, shape: Shape): string[] {
  return placesIn(configuration, shape, [])
}

function placesIn(value: unknown, shape: Shape, path: readonly string[]): string[] {
  if (shape.kind === 'leaf') return isObject(value) || Array.isArray(value) ? [pathText(path)] : []
  // An item of a set is known by its value: there is nothing in it that could be left out.
  if (shape.kind === 'set') return []
  return [...partsOf(value, shape)].flatMap(([element, part], i) =>
    placesIn(part.value, part.shape, [...path, shape.kind === 'keyed' ? `i:${i}` : element]),
  )
}
