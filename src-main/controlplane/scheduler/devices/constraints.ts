import type { DeviceAttribute, DeviceConstraint, ResourceClaim } from '#types/resource.k8s.io/v1'
import { attributeOf } from '../../../../src-kube/kinds/resource/device-cel.ts'
import type { PooledDevice } from './pools.ts'

/** What the devices of a claim must have in common, or must differ in ("Dynamic Resource Allocation: constraints"). */
export class Constraints {
  readonly #constraints: readonly DeviceConstraint[]
  /** The values that devices chosen so far have, by constraint. */
  readonly #chosen: string[][]

  constructor({ spec }: ResourceClaim) {
    this.#constraints = spec.devices?.constraints ?? []
    this.#chosen = this.#constraints.map(() => [])
  }

  /** Takes a device for a request; false, and nothing is taken, where a constraint forbids it. */
  add(request: string, device: PooledDevice): boolean {
    const values = this.#constraints.map((constraint) => valueFor(constraint, request, device))
    const allowed = values.every((value, i) => value === undefined || (value !== '' && this.#allows(i, value)))
    if (!allowed) return false
    for (const [i, value] of values.entries()) if (value !== undefined) this.#chosen[i]!.push(value)
    return true
  }

  /** The inverse of {@link add}, of what was added last. */
  remove(request: string): void {
    for (const [i, constraint] of this.#constraints.entries()) if (concerns(constraint, request)) this.#chosen[i]!.pop()
  }

  #allows(i: number, value: string): boolean {
    const chosen = this.#chosen[i]!
    return this.#constraints[i]!.matchAttribute ? chosen.length === 0 || chosen[0] === value : !chosen.includes(value)
  }
}

function concerns({ requests, matchAttribute, distinctAttribute }: DeviceConstraint, request: string): boolean {
  if (!matchAttribute && !distinctAttribute) return false
  const main = request.split('/')[0]!
  return !requests?.length || requests.includes(request) || requests.includes(main)
}

/** Undefined when the constraint is not about the request; empty when the device lacks the attribute. */
function valueFor(constraint: DeviceConstraint, request: string, { driver, device }: PooledDevice): string | undefined {
  if (!concerns(constraint, request)) return undefined
  const name = constraint.matchAttribute ?? constraint.distinctAttribute ?? ''
  const attribute = attributeOf(driver, device, name)
  return attribute ? textOf(attribute) : ''
}

/** Values of different types are never the same. */
const textOf = (attribute: DeviceAttribute): string => JSON.stringify(attribute)
