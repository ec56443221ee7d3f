import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import { parseFieldSelector, type FieldMatcher } from '../../../../src-kube/machinery/fields.ts'
import { parseLabelSelector, type LabelMatcher } from '../../../../src-kube/machinery/labels.ts'
import type { ListOptions, Registry, Target } from '../../registry/registry.ts'
import type { Exchange } from '../http/exchange.ts'
import type { ServedResource } from '../resources.ts'
import { checkListQuery, integerOf } from './list-query.ts'

/** What the verbs work with. */
export interface VerbContext {
  registry: Registry
  clock: Clock
  exchange: Exchange
  resource: ServedResource
  target: Target
  /** Rejects with 403 when the user may not create the object at the path: a PUT or an apply that finds none needs that right, too. */
  confirmCreate(): Promise<void>
}

/** The selectors of a list or watch; undefined where all fit. Throws 400 for one that cannot be parsed. */
export function selectorsOf(query: URLSearchParams): {
  labels: LabelMatcher | undefined
  fields: FieldMatcher | undefined
} {
  const labels = query.get('labelSelector')
  const fields = query.get('fieldSelector')
  return {
    labels: labels ? parseLabelSelector(labels) : undefined,
    fields: fields ? parseFieldSelector(fields) : undefined,
  }
}

/** What the query of a list asks for. Throws `StatusError` 400 for what is none. */
export function listOptionsOf(query: URLSearchParams): ListOptions {
  checkListQuery(query)
  // Of no use without a watch, but a number.
  integerOf(query, 'timeoutSeconds')
  return {
    ...selectorsOf(query),
    limit: integerOf(query, 'limit'),
    continue: query.get('continue') ?? undefined,
    resourceVersion: query.get('resourceVersion') ?? undefined,
    resourceVersionMatch: query.get('resourceVersionMatch') ?? undefined,
  }
}
