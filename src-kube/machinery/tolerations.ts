/** What a toleration of a pod and one of a device have in common. */
interface TolerationLike {
  key?: string | undefined
  operator?: string | undefined
  value?: string | undefined
  effect?: string | undefined
}

/** What a taint of a node and one of a device have in common. */
interface TaintLike {
  key: string
  value?: string | undefined
  effect: string
}

/** Whether any toleration is for the taint (kubernetes.io, "Taints and Tolerations"): the one answer of scheduler, controllers and kubelet. */
export function tolerates(tolerations: readonly TolerationLike[] | undefined, taint: TaintLike): boolean {
  for (const toleration of tolerations ?? []) if (isFor(toleration, taint)) return true
  return false
}

/** Whether this toleration is for the taint: an empty effect or, with `Exists`, an empty key stands for all of them. */
export function isFor({ effect, key, operator, value }: TolerationLike, taint: TaintLike): boolean {
  if (effect && effect !== taint.effect) return false
  if (key && key !== taint.key) return false
  if (operator === 'Exists') return true
  if (!key) return false
  if (operator === 'Lt' || operator === 'Gt') return compares(operator, taint.value ?? '', value ?? '')
  return (value ?? '') === (taint.value ?? '')
}

const INTEGER = /^-?\d+$/

/** Numeric tolerations (KEP-5471): the taint's value is below, or above, the toleration's. */
function compares(operator: 'Lt' | 'Gt', taint: string, toleration: string): boolean {
  if (!INTEGER.test(taint) || !INTEGER.test(toleration)) return false
  return operator === 'Lt' ? BigInt(taint) < BigInt(toleration) : BigInt(taint) > BigInt(toleration)
}
