import type { CapacityRequestPolicy, Device } from '#types/resource.k8s.io/v1'
import { formatQuantity, milliValue } from '../../../../src-kube/machinery/quantity.ts'

/** Amounts by name of the capacity, as the device names it. */
export type Amounts = Readonly<Record<string, string>>

/**
 * What a request takes of each capacity of a device that many may share (KEP-5075, consumable capacity): what it asks for, as the policy
 * of the capacity rounds it, else the policy's default, else all. Undefined when the device cannot give it. Pure.
 */
export function consumptionOf(
  { capacity = {} }: Device,
  driver: string,
  asked: Readonly<Record<string, string>>,
): Amounts | undefined {
  const wanted = new Map(Object.entries(asked).map(([name, amount]) => [ownName(driver, name), amount]))
  const taken: Record<string, string> = {}
  for (const [name, { value, requestPolicy }] of Object.entries(capacity)) {
    const key = ownName(driver, name)
    const amount = rounded(wanted.get(key) ?? requestPolicy?.default ?? value, requestPolicy)
    if (amount === undefined || milliValue(amount) > milliValue(value)) return undefined
    wanted.delete(key)
    taken[name] = amount
  }
  // It asks for something that the device does not have.
  return wanted.size === 0 ? taken : undefined
}

/** Names without a domain are in that of the driver. */
const ownName = (driver: string, name: string): string => (name.includes('/') ? name : `${driver}/${name}`)

/** The least amount that a policy allows and that is enough; undefined when there is none. */
function rounded(amount: string, policy: CapacityRequestPolicy | undefined): string | undefined {
  const { validValues, validRange } = policy ?? {}
  const wanted = milliValue(amount)
  if (validValues?.length) {
    const enough = validValues.filter((value) => milliValue(value) >= wanted)
    return enough.toSorted((a, b) => milliValue(a) - milliValue(b))[0]
  }
  if (!validRange) return amount
  const { min, max, step } = validRange
  const least = milliValue(min)
  if (wanted <= least) return min
  const by = milliValue(step)
  const steps = by > 0 ? least + Math.ceil((wanted - least) / by) * by : wanted
  if (max !== undefined && steps > milliValue(max)) return undefined
  return steps === wanted ? amount : formatQuantity(`${steps}m`)
}

/** What is taken of devices that many share, in thousandths, by `device capacity`; and how many have a part. */
export class Shares {
  readonly #before: ReadonlyMap<string, number>
  /** Since then. Every node begins with the same: it is not copied. */
  readonly #taken = new Map<string, number>()

  constructor(before: ReadonlyMap<string, number>) {
    this.#before = before
  }

  /** Takes amounts of a device; false, and nothing is taken, where one is not there any more. */
  take(id: string, { capacity = {} }: Device, amounts: Amounts): boolean {
    for (const [name, amount] of Object.entries(amounts)) {
      const left = milliValue(capacity[name]?.value) - this.#of(shareKey(id, name))
      if (milliValue(amount) > left) return false
    }
    addShares(this.#taken, id, amounts, 1)
    return true
  }

  giveBack(id: string, amounts: Amounts): void {
    addShares(this.#taken, id, amounts, -1)
  }

  /** How many have a part of a device. */
  parts(id: string): number {
    return this.#of(partsKey(id))
  }

  #of(key: string): number {
    return (this.#before.get(key) ?? 0) + (this.#taken.get(key) ?? 0)
  }
}

/** No capacity is without a name. */
const partsKey = (id: string): string => shareKey(id, '')
const shareKey = (id: string, name: string): string => `${id} ${name}`

/** Counts amounts of a device, and that somebody has a part of it. */
export function addShares(into: Map<string, number>, id: string, amounts: Amounts, sign: 1 | -1): void {
  into.set(partsKey(id), (into.get(partsKey(id)) ?? 0) + sign)
  for (const [name, amount] of Object.entries(amounts)) {
    const key = shareKey(id, name)
    into.set(key, (into.get(key) ?? 0) + sign * milliValue(amount))
  }
}
