import { conflict } from '../../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { OvertakenError, type Unless } from '../store/store.ts'
import { nameOf, type Core } from './context.ts'
import { plainEntry } from './entry.ts'
import { prefixOf } from './keys.ts'
import type { Entry, Target } from './registry.ts'

/** Times something else is taken because another instance wrote meanwhile. */
const TRIES = 100

/** Takes what a write needs for itself (addresses, ports), and returns the way back; undefined where nothing changes hands. Throws where none is left. */
type Allocate = () => Promise<(() => void) | undefined>

/** A write of what must be unique in the cluster. */
export interface AllocatedWrite<T> {
  allocate: Allocate
  /** Throws {@link OvertakenError} when another of the kind was written since `unless`. */
  write: (unless?: Unless) => Promise<T>
}

/** Ends a dry run. It fails where the write would find nothing left to take; what was taken is given back, and the object answered as it was before. */
export async function endDryRun(allocate: Allocate | undefined, object: KubeObject): Promise<Entry> {
  const undo = await allocate?.()
  undo?.()
  return plainEntry(object)
}

/**
 * Gives what was taken for a write back when that fails. Who else writes to the store chooses from what it knows itself: there a write is refused when
 * another of the kind was first, and what it needs is chosen again from what that one left. So no two instances hand out one address.
 */
export async function writeAllocated<T>(core: Core, target: Target, request: AllocatedWrite<T>): Promise<T> {
  const { store, allocations } = core
  if (!store.caughtUp) return attempt(request)
  const prefix = prefixOf(target.descriptor)
  return allocations.run(prefix, async () => {
    for (let i = 1; ; i++) {
      try {
        return await attempt(request, { prefix, writtenAfter: store.revision })
      } catch (error) {
        if (!(error instanceof OvertakenError)) throw error
        if (i >= TRIES) throw conflict(nameOf(target), target.name)
      }
    }
  })
}

async function attempt<T>({ allocate, write }: AllocatedWrite<T>, unless?: Unless): Promise<T> {
  const undo = await allocate()
  try {
    return await write(undo && unless)
  } catch (error) {
    undo?.()
    throw error
  }
}
