import type { Counter } from '#types/resource.k8s.io/v1'
import { milliValue } from '../../../../src-kube/machinery/quantity.ts'
import type { Consumer, Pool } from './pools.ts'

/** What is left of what the devices of pools share (KEP-4815, partitionable devices). */
export class Counters {
  /** Thousandths, by `driver/pool/set/name`. */
  readonly #left = new Map<string, number>()

  /** What is in use counts wherever it is: parts of one thing can be on different nodes. */
  constructor(pools: readonly Pool[], isUsed: (id: string) => boolean) {
    for (const { driver, name: pool, counters } of pools)
      for (const [set, values] of counters) this.#change(`${driver}/${pool}/${set}`, values, 1)
    for (const { consumers } of pools)
      for (const device of consumers) if (isUsed(device.id)) this.#changeFor(device, -1)
  }

  /** Takes what a device needs; false, and nothing is taken, where it is not there. */
  take(device: Consumer): boolean {
    for (const { counterSet, counters } of device.device.consumesCounters ?? [])
      for (const [name, { value }] of Object.entries(counters ?? {}))
        if ((this.#left.get(`${device.driver}/${device.pool}/${counterSet}/${name}`) ?? 0) < milliValue(value))
          return false
    this.#changeFor(device, -1)
    return true
  }

  giveBack(device: Consumer): void {
    this.#changeFor(device, 1)
  }

  #changeFor({ driver, pool, device }: Consumer, sign: 1 | -1): void {
    for (const { counterSet, counters } of device.consumesCounters ?? [])
      this.#change(`${driver}/${pool}/${counterSet}`, counters ?? {}, sign)
  }

  #change(set: string, counters: Readonly<Record<string, Counter>>, sign: 1 | -1): void {
    for (const [name, { value }] of Object.entries(counters)) {
      const key = `${set}/${name}`
      this.#left.set(key, (this.#left.get(key) ?? 0) + sign * milliValue(value))
    }
  }
}
