import type { AdmissionAttributes } from './admission.ts'

/**
 * The name that a refusal tells of: the request's, else the object's. Mutating plugins see new objects before their names are made up: these are told
 * of by their `generateName`, so that refusals of one controller's objects have the same words and its events add up.
 */
export function refusalName({ name, object }: Pick<AdmissionAttributes, 'name' | 'object'>): string {
  // Not every body has metadata: a review has none.
  return name || object?.metadata?.name || object?.metadata?.generateName || 'Unknown'
}
