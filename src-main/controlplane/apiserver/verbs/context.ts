import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import { badRequest } from '../../../../src-kube/machinery/errors.ts'
import { parseFieldSelector, type FieldMatcher } from '../../../../src-kube/machinery/fields.ts'
import { parseLabelSelector, type LabelMatcher } from '../../../../src-kube/machinery/labels.ts'
import type { ListOptions, Registry, Target, WriteOptions } from '../../registry/registry.ts'
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
}

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

export function listOptionsOf(query: URLSearchParams): ListOptions {
  checkListQuery(query)
  return {
    ...selectorsOf(query),
    limit: integerOf(query, 'limit'),
    continue: query.get('continue') ?? undefined,
    resourceVersion: query.get('resourceVersion') ?? undefined,
    resourceVersionMatch: query.get('resourceVersionMatch') ?? undefined,
  }
}

const VALIDATIONS = ['Strict', 'Warn', 'Ignore'] as const

export function writeOptionsOf(
  { exchange }: VerbContext,
  body?: { dryRun?: readonly string[] | undefined },
): WriteOptions {
  const { query } = exchange.info
  const dryRun = [...query.getAll('dryRun'), ...(body?.dryRun ?? [])].filter((value) => value !== '')
  const odd = dryRun.find((value) => value !== 'All')
  if (odd !== undefined)
    throw badRequest(
      `Invalid value: []string{${JSON.stringify(odd)}}: Unsupported value: ${JSON.stringify(odd)}: supported values: "All"`,
    )
  const asked = query.get('fieldValidation') || 'Warn'
  const fieldValidation = VALIDATIONS.find((value) => value === asked)
  if (!fieldValidation)
    throw badRequest(
      `fieldValidation: Unsupported value: ${JSON.stringify(asked)}: supported values: "Ignore", "Strict", "Warn"`,
    )
  return {
    user: exchange.user,
    dryRun: dryRun.length > 0,
    fieldManager: query.get('fieldManager') || managerFromAgent(exchange.header('user-agent')),
    fieldValidation,
    force: query.get('force') === 'true',
    warn: exchange.warn,
  }
}

/** Without a name given, the client's program names the manager: `kubectl/v1.36 …` → `kubectl`. */
function managerFromAgent(agent: string | undefined): string {
  return (agent ?? 'unknown').split('/')[0]!.slice(0, 128)
}
