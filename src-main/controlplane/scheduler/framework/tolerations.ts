import type { Taint, Toleration } from '#types/core/v1'

/** Whether any toleration is for the taint (kubernetes.io, "Taints and Tolerations"). */
export function tolerates(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  for (const toleration of tolerations ?? []) if (isFor(toleration, taint)) return true
  return false
}

function isFor({ effect, key, operator, value }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false
  if (key && key !== taint.key) return false
  if (operator === 'Exists') return true
  if (!key) return false
  if (operator === 'Lt' || operator === 'Gt') return compares(operator, taint.value ?? '', value ?? '')
  return (value ?? '') === (taint.value ?? '')
}

const integer = /^-?\d+$/

/** Numeric tolerations (KEP-5471): the taint's value is below, or above, the toleration's. */
function compares(operator: 'Lt' | 'Gt', taint: string, toleration: string): boolean {
  if (!integer.test(taint) || !integer.test(toleration)) return false
  return operator === 'Lt' ? BigInt(taint) < BigInt(toleration) : BigInt(taint) > BigInt(toleration)
}
