import type { AllocationResult, ResourceClaim } from '#types/resource.k8s.io/v1'
import type { Lookups } from '../framework/snapshot.ts'
import { addShares } from './capacity.ts'
import { deviceId } from './pools.ts'

/** Devices that are somebody's, and what is taken of those that many share. */
export interface Used {
  /** Ids. */
  readonly whole: Set<string>
  /** Thousandths, as {@link addShares} counts them. */
  readonly shares: Map<string, number>
}

interface Pending {
  readonly allocation: AllocationResult
  /** The revision in which it was written; undefined until then. */
  written: number | undefined
}

/** Devices that were handed out but that the informer does not show yet; they are nobody else's meanwhile. */
export class PendingAllocations {
  readonly #pending = new Map<string, Pending>()

  add(claim: ResourceClaim, allocation: AllocationResult): void {
    this.#pending.set(claim.metadata.uid, { allocation, written: undefined })
  }

  get(uid: string): AllocationResult | undefined {
    return this.#pending.get(uid)?.allocation
  }

  /** The allocation stands in the API server: it is forgotten once the informer shows it. */
  written({ metadata }: ResourceClaim): void {
    const pending = this.#pending.get(metadata.uid)
    if (pending) pending.written = Number(metadata.resourceVersion)
  }

  /** Takes back what was not written; what was stays handed out. */
  drop(uid: string): void {
    if (this.#pending.get(uid)?.written === undefined) this.#pending.delete(uid)
  }

  used(lookups: Lookups): Used {
    const used: Used = { whole: new Set(), shares: new Map() }
    for (const { status } of lookups.resourceClaims()) if (status?.allocation) collect(status.allocation, used)
    const seen = lookups.claimsRevision()
    for (const [uid, { allocation, written }] of this.#pending) {
      if (written !== undefined && seen >= written) this.#pending.delete(uid)
      else collect(allocation, used)
    }
    return used
  }
}

function collect({ devices }: AllocationResult, into: Used): void {
  for (const { driver, pool, device, adminAccess, shareID, consumedCapacity } of devices?.results ?? []) {
    if (adminAccess) continue
    const id = deviceId(driver, pool, device)
    if (shareID) addShares(into.shares, id, consumedCapacity ?? {}, 1)
    else into.whole.add(id)
  }
}
