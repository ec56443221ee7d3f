import type { ResourceClaim } from '#types/resource.k8s.io/v1'
import { type Amounts, consumptionOf, Shares } from './capacity.ts'
import { Constraints } from './constraints.ts'
import { Counters } from './counters.ts'
import type { Used } from './pending.ts'
import type { Pool, PooledDevice } from './pools.ts'
import { AllocationError, suits, type Request, type Wish } from './requests.ts'

/** A claim without devices, and what it asks for. */
export interface OpenClaim {
  readonly claim: ResourceClaim
  readonly requests: readonly Request[]
}

/** The devices for one request. */
export interface Grant {
  readonly wish: Wish
  /** The place of the wish among its alternatives, 0 for the best. */
  readonly rank: number
  readonly devices: readonly PooledDevice[]
}

/** What each claim gets, in the order of its requests. */
export type Grants = ReadonlyMap<ResourceClaim, readonly Grant[]>

/** As many devices as a claim can be given (AllocationResult, `results`). */
const MOST_DEVICES = 32
/** So many devices are tried before a node is given up: what is asked can be a puzzle without end. */
const MOST_TRIES = 20_000

/**
 * Finds devices for all claims of a pod at once (KEP-4381): requests in order, each by its best alternative that leaves enough for those
 * after it. Backtracks. Undefined when the node cannot do. Throws {@link AllocationError}.
 */
export function allocate(claims: readonly OpenClaim[], pools: readonly Pool[], used: Used): Grants | undefined {
  return new Search(claims, pools, used).run()
}

/** Many may have a part of it. */
const isShared = ({ device }: PooledDevice): boolean => device.allowMultipleAllocations === true

/** What a wish takes of a device that suits it. */
const sharesFor = ({ capacity }: Wish, { device, driver }: PooledDevice): Amounts =>
  consumptionOf(device, driver, capacity) ?? {}

interface Slot {
  readonly claim: ResourceClaim
  readonly request: Request
  readonly constraints: Constraints
}

class Search {
  readonly #slots: readonly Slot[]
  readonly #pools: readonly Pool[]
  readonly #counters: Counters
  readonly #shares: Shares
  readonly #used: ReadonlySet<string>
  /** By this pod, of the devices that were free. */
  readonly #taken = new Set<string>()
  readonly #grants: Grant[] = []
  #tries = 0

  constructor(claims: readonly OpenClaim[], pools: readonly Pool[], used: Used) {
    this.#slots = claims.flatMap(({ claim, requests }) => {
      const constraints = new Constraints(claim)
      return requests.map((request) => ({ claim, request, constraints }))
    })
    this.#pools = pools
    this.#shares = new Shares(used.shares)
    this.#counters = new Counters(pools, (id) => used.whole.has(id) || this.#shares.parts(id) > 0)
    this.#used = used.whole
  }

  run(): Grants | undefined {
    if (!this.#fill(0)) return undefined
    const grants = new Map<ResourceClaim, Grant[]>()
    for (const [i, { claim }] of this.#slots.entries())
      grants.set(claim, [...(grants.get(claim) ?? []), this.#grants[i]!])
    return grants
  }

  /** Finds devices for the slots from `i` on. */
  #fill(i: number): boolean {
    const slot = this.#slots[i]
    if (!slot) return true
    return slot.request.wishes.some((wish, rank) => {
      const devices = this.#candidates(slot, wish)
      const count = wish.count ?? devices.length
      if (count === 0 || count > devices.length || count > this.#leftFor(slot)) return false
      return this.#choose(slot, wish, devices, { count, from: 0, chosen: [] }, (chosen) => {
        this.#grants.push({ wish, rank, devices: chosen })
        if (this.#fill(i + 1)) return true
        this.#grants.pop()
        return false
      })
    })
  }

  /** How many more devices the claim of a slot can be given. */
  #leftFor({ claim }: Slot): number {
    const given = this.#grants.map(({ devices }, at) => (this.#slots[at]!.claim === claim ? devices.length : 0))
    return MOST_DEVICES - given.reduce((sum, count) => sum + count, 0)
  }

  /** Chooses `count` more devices from `from` on, and goes on with each choice until one leads to the end. */
  #choose(
    slot: Slot,
    wish: Wish,
    devices: readonly PooledDevice[],
    { count, from, chosen }: { count: number; from: number; chosen: readonly PooledDevice[] },
    then: (chosen: readonly PooledDevice[]) => boolean,
  ): boolean {
    if (count === 0) return then(chosen)
    for (let at = from; at <= devices.length - count; at++) {
      if (++this.#tries > MOST_TRIES) return false
      const device = devices[at]!
      if (!this.#take(slot, wish, device)) {
        if (wish.count === undefined) return false
        continue
      }
      const next = { count: count - 1, from: at + 1, chosen: [...chosen, device] }
      if (this.#choose(slot, wish, devices, next, then)) return true
      this.#giveBack(slot, wish, device)
      if (wish.count === undefined) return false
    }
    return false
  }

  #take({ constraints }: Slot, wish: Wish, device: PooledDevice): boolean {
    if (!wish.adminAccess && (this.#used.has(device.id) || this.#taken.has(device.id))) return false
    if (!constraints.add(wish.name, device)) return false
    if (wish.adminAccess) return true
    const free = isShared(device) ? this.#takePart(wish, device) : this.#counters.take(device)
    if (!free) constraints.remove(wish.name)
    else if (!isShared(device)) this.#taken.add(device.id)
    return free
  }

  #giveBack({ constraints }: Slot, wish: Wish, device: PooledDevice): void {
    constraints.remove(wish.name)
    if (wish.adminAccess) return
    if (isShared(device)) return this.#giveBackPart(wish, device)
    this.#counters.giveBack(device)
    this.#taken.delete(device.id)
  }

  /** What a device takes of others' is taken with its first part, and given back with its last. */
  #takePart(wish: Wish, device: PooledDevice): boolean {
    const amounts = sharesFor(wish, device)
    if (!this.#shares.take(device.id, device.device, amounts)) return false
    if (this.#shares.parts(device.id) > 1 || this.#counters.take(device)) return true
    this.#shares.giveBack(device.id, amounts)
    return false
  }

  #giveBackPart(wish: Wish, device: PooledDevice): void {
    this.#shares.giveBack(device.id, sharesFor(wish, device))
    if (this.#shares.parts(device.id) === 0) this.#counters.giveBack(device)
  }

  /** Devices that a wish is for, free or not. */
  #candidates({ claim }: Slot, wish: Wish): PooledDevice[] {
    const where = `claim ${claim.metadata.namespace}/${claim.metadata.name}, request ${wish.name}`
    return this.#pools.flatMap(({ devices, name, incomplete, invalid }) => {
      const fitting = devices.filter((device) => suits(wish, claim, device))
      if (fitting.length === 0) return []
      if (invalid) throw new AllocationError(`${where}: resource pool ${name} is invalid: ${invalid}`)
      if (incomplete && wish.count === undefined)
        throw new AllocationError(
          `${where}: asks for all devices, but resource pool ${name} is currently being updated`,
        )
      return fitting
    })
  }
}
