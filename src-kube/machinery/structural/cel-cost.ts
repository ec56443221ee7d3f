import type { Checked } from '../cel/check.ts'
import { estimateCost } from '../cel/cost/estimate.ts'
import { LARGEST_REQUEST, PER_RULE, PER_SCHEMA } from '../cel/cost/limits.ts'
import type { Size } from '../cel/cost/size.ts'
import type { FieldError } from '../errors.ts'
import type { FieldPath } from '../field-path.ts'
import { cardinalityOf, extentOf } from './cel-extent.ts'
import type { JsonSchema } from './types.ts'

/** How often the rules of a place are asked for one object: undefined for any number of times. */
export type Cardinality = number | undefined

/** Of what stands within a place. */
export function cardinalityWithin(around: Cardinality, schema: JsonSchema): Cardinality {
  const factor = cardinalityOf(schema)
  return around === undefined || factor === undefined ? undefined : around * factor
}

/** What one expression about a place is estimated to cost, asked once (kubernetes.io, "CustomResourceDefinitions: Resource use by validation functions"). */
export function costOf(checked: Checked, schema: JsonSchema): number {
  const extent = extentOf(schema)
  return estimateCost(checked, (path): Size | undefined => {
    let at = extent
    for (const step of path) at = at?.at(step)
    return at && { least: 0, most: at.most }
  })
}

/** As often as a rule may be asked: where no list or map around its place has a limit, as often as what it is about fits into a request. */
export const timesAsked = (cardinality: Cardinality, schema: JsonSchema): number =>
  cardinality ?? Math.floor(LARGEST_REQUEST / ((extentOf(schema)?.least ?? 1) + 1))

/** When all rules are too dear together, at most so many of them are told of, and none that takes less than a hundredth of what there is. */
const MOST_TOLD = 4
const LEAST_TOLD = PER_SCHEMA / 100
const CONTRIBUTED = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'

/** What the rules of a schema are estimated to cost together. */
export class SchemaCosts {
  readonly #isStored: boolean
  #total = 0
  readonly #dearest: Array<{ at: FieldPath; cost: number }> = []

  constructor({ isStored }: { isStored: boolean }) {
    this.#isStored = isStored
  }

  /** Notes the cost of an expression, and answers whether it is too dear by itself. */
  add(at: FieldPath, cost: number, what: 'rule' | 'messageExpression'): FieldError[] {
    this.#total += cost
    if (cost >= LEAST_TOLD) this.#dearest.push({ at, cost })
    return cost > PER_RULE && !this.#isStored ? [at.forbidden(words(`estimated ${what} cost`, cost / PER_RULE))] : []
  }

  /** Whether all of them are too dear together, at the schema, after those that have most part in it. */
  errors(schema: FieldPath): FieldError[] {
    if (this.#total <= PER_SCHEMA) return []
    const told = this.#dearest.toSorted((a, b) => b.cost - a.cost).slice(0, MOST_TOLD)
    const name = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema'
    return [...told.map(({ at }) => at.forbidden(CONTRIBUTED)), schema.forbidden(words(name, this.#total / PER_SCHEMA))]
  }
}

function words(name: string, factor: number): string {
  const times = factor > 100 ? 'more than 100' : factor.toFixed(factor < 1.5 ? 6 : 1)
  return `${name} exceeds budget by factor of ${times}x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`
}
