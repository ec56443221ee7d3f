import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'

const KEY = 'controller.kubernetes.io/pod-deletion-cost'
const HALF = 2 ** 31

/** By which a replica set chooses what it deletes ("ReplicaSet: Pod deletion cost"): a whole number without a plus or leading zeros. */
export function isDeletionCost(text: string): boolean {
  return /^(-\d+|0|[1-9]\d*)$/.test(text) && Number(text) >= -HALF && Number(text) < HALF
}

/** What is wrong with the cost in the annotations, at `path`, of a new pod or of a template. */
export function costErrors(annotations: Readonly<Record<string, string>> | undefined, path: FieldPath): FieldError[] {
  const cost = annotations?.[KEY]
  return cost === undefined || isDeletionCost(cost) ? [] : [path.key(KEY).invalid(cost, 'must be a 32bit integer')]
}
