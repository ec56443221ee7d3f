import type { FieldPath } from '../field-path.ts'
import type { JsonSchema } from './types.ts'

/** `.name`, or `['any name']` with Go's escapes. */
const STEP = /\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\]/y

/**
 * The place that a rule's `fieldPath` names below the place of the rule (kubernetes.io, "CustomResourceDefinitions: The fieldPath field"):
 * fields and keys of maps, no items of lists. Undefined when the schema has no such field or the path is none.
 */
export function placeOfRule(text: string, schema: JsonSchema, rule: FieldPath): FieldPath | undefined {
  let place = rule
  let below: JsonSchema | boolean | undefined = schema
  let at = 0
  while (at < text.length) {
    STEP.lastIndex = at
    const [step, name, quoted] = STEP.exec(text) ?? []
    if (step === undefined || typeof below !== 'object') return undefined
    at += step.length
    const key = name ?? unescape(quoted!)
    const { properties, additionalProperties }: JsonSchema = below
    if (properties) {
      if (!Object.hasOwn(properties, key)) return undefined
      place = place.child(key)
      below = properties[key]
    } else {
      place = place.key(key)
      below = additionalProperties
    }
    if (typeof below !== 'object') return undefined
  }
  return text === '' ? undefined : place
}

const unescape = (text: string): string => text.replaceAll(/\\(.)/g, '$1')
