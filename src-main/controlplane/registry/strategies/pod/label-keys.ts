import type { LabelSelector } from '#types/meta/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isQualifiedName } from '../../../../../src-kube/machinery/names.ts'

interface LabelKeys {
  readonly labelSelector?: LabelSelector | undefined
  readonly matchLabelKeys?: string[] | undefined
  readonly mismatchLabelKeys?: string[] | undefined
}

/**
 * Label keys of an affinity term or a spread constraint (KEP-3633, KEP-3243). A new pod's selector asks for the values of its keys
 * already, so a key that the selector speaks of twice was there before.
 */
export function validateLabelKeys(term: LabelKeys, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  for (const list of ['matchLabelKeys', 'mismatchLabelKeys'] as const) {
    if (!term[list]?.length) continue
    if (!term.labelSelector)
      errors.push(path.child(list).forbidden('must not be specified when labelSelector is not set'))
    else
      for (const [i, key] of term[list].entries())
        errors.push(...isQualifiedName(key).map((w) => path.child(list).index(i).invalid(key, w)))
  }
  const { matchLabelKeys = [], mismatchLabelKeys = [] } = term
  if (matchLabelKeys.length === 0) return errors
  const seen = new Set(Object.keys(term.labelSelector?.matchLabels ?? {}))
  for (const { key } of term.labelSelector?.matchExpressions ?? []) {
    // Upstream names the place so, without the list.
    if (seen.has(key) && matchLabelKeys.includes(key))
      errors.push(
        path.index(matchLabelKeys.lastIndexOf(key)).invalid(key, 'exists in both matchLabelKeys and labelSelector'),
      )
    seen.add(key)
  }
  for (const [i, key] of matchLabelKeys.entries())
    if (mismatchLabelKeys.includes(key))
      errors.push(
        path.child('matchLabelKeys').index(i).invalid(key, 'exists in both matchLabelKeys and mismatchLabelKeys'),
      )
  return errors
}
