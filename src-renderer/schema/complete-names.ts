import type { Completions } from './complete.ts'
import { wantedAt } from './name-places.ts'
import type { NameSource } from './name-source.ts'
import { placeAt } from './place.ts'

/** The names that may stand at a cursor, from what the cluster has. */
export async function completeNames(
  text: string,
  line: number,
  column: number,
  source: NameSource,
): Promise<Completions | undefined> {
  const place = placeAt(text, line, column)
  const wanted = place && wantedAt(place)
  if (!wanted) return undefined
  const detail = wanted.of === 'names' ? (wanted.namespace ?? '') : wanted.of === 'keys' ? wanted.name : ''
  const items = (await source(wanted)).map((label) => ({
    label,
    detail,
    description: '',
    insert: label,
    required: false,
  }))
  return items.length > 0 ? { column: place.column, items } : undefined
}
