import type { DeleteOptions } from '#types/meta/v1'
import { invalid, type FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { policyErrors } from '../../registry/delete.ts'
import type { WriteOptions } from '../../registry/registry.ts'
import type { Exchange } from '../http/exchange.ts'
import { isTrue } from '../http/request-info.ts'

type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions'

const kinds: Record<string, OptionsKind> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
  delete: 'DeleteOptions',
  deletecollection: 'DeleteOptions',
}
const validations = ['Ignore', 'Strict', 'Warn'] as const
/** Bytes of a manager's name at most. */
const LONGEST_MANAGER = 128

/**
 * What the query (and a delete's body) asks of a write. Throws 422 in upstream's words (reference: apimachinery's `ValidateCreateOptions` and
 * its kin).
 */
export function writeOptionsOf(
  { exchange }: { exchange: Exchange },
  { body, patch }: { body?: Partial<DeleteOptions>; patch?: 'apply' | 'other' } = {},
): WriteOptions {
  const { query, verb } = exchange.info
  const dryRun = [...query.getAll('dryRun'), ...(body?.dryRun ?? [])]
  // Deletions have neither managers nor fields.
  const deletes = kinds[verb] === 'DeleteOptions'
  const asked = (!deletes && query.get('fieldValidation')) || 'Warn'
  const fieldValidation = validations.find((value) => value === asked)
  const manager = (!deletes && query.get('fieldManager')) || ''
  const errors = [
    ...(body ? policyErrors(body) : []),
    ...(patch ? validatePatch(patch, query) : []),
    ...validateManager(manager),
    ...validateDryRun(dryRun),
  ]
  if (!fieldValidation) errors.push(fieldPath('fieldValidation').notSupported(asked, validations))
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: kinds[verb] ?? 'CreateOptions' }, '', errors)
  return {
    user: exchange.user,
    dryRun: dryRun.length > 0,
    fieldManager: manager || managerFromAgent(exchange.header('user-agent')),
    fieldValidation: fieldValidation!,
    force: isTrue(query.get('force')),
    warn: exchange.warn,
    annotate: exchange.trail?.annotate,
    waits: exchange,
  }
}

/** An apply has to name its field manager; only an apply can be forced. */
function validatePatch(patch: 'apply' | 'other', query: URLSearchParams): FieldError[] {
  if (patch === 'apply')
    return query.get('fieldManager') ? [] : [fieldPath('fieldManager').required('is required for apply patch')]
  return query.has('force') ? [fieldPath('force').forbidden('may not be specified for non-apply patch')] : []
}

function validateDryRun(values: readonly string[]): FieldError[] {
  if (values.every((value) => value === 'All')) return []
  const list = `[]string{${values.map((value) => JSON.stringify(value)).join(', ')}}`
  return [
    { type: 'FieldValueNotSupported', field: 'dryRun', message: `Unsupported value: ${list}: supported values: "All"` },
  ]
}

function validateManager(manager: string): FieldError[] {
  if (manager === '') return []
  const path = fieldPath('fieldManager')
  const errors = Buffer.byteLength(manager) > LONGEST_MANAGER ? [path.tooLong(LONGEST_MANAGER)] : []
  let at = 0
  for (const character of manager) {
    if (!isPrintable(character))
      errors.push(path.invalid(manager, `invalid character ${unicode(character)} (at position ${at})`))
    at += Buffer.byteLength(character)
  }
  return errors
}

/** Go's `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols, and of all spaces only the plain one. */
const isPrintable = (character: string): boolean =>
  character === ' ' || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character)

const unicode = (character: string): string =>
  `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`

/** Without a name given, the client's program names the manager: `kubectl/v1.36 …` → `kubectl`. */
function managerFromAgent(agent: string | undefined): string {
  const program = (agent ?? 'unknown').split('/')[0]!.slice(0, LONGEST_MANAGER)
  return /^[ -~]*$/.test(program) ? program : Array.from(program).filter(isPrintable).join('')
}
