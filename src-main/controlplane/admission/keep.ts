import type { ResourceName } from '../../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import type { ObjectWatcher } from './admission.ts'

/** A value made of watched objects, always as new as the last change of theirs. */
export interface Kept<T> {
  /** What the objects come to; filled at the first call, then kept up to date by changes. */
  get(): T | Promise<T>
  /** The same at once; undefined before it has been filled. */
  readonly known: T | undefined
}

/**
 * Objects of one resource as something quicker to ask, made at the first question and kept by watching. `change` hears of every
 * object there is, then of every change (`object` absent: gone), in order.
 */
export function keep<T>(
  watcher: ObjectWatcher,
  { group, resource }: ResourceName,
  kept: T,
  change: (kept: T, object: KubeObject | undefined, old: KubeObject | undefined) => void,
): Kept<T> {
  let filling: Promise<T> | undefined
  let isFilled = false
  async function fill(): Promise<T> {
    const early: Array<[KubeObject | undefined, KubeObject | undefined]> = []
    const listing = watcher.list(group, resource)
    watcher.observe(group, resource, (object, old) => {
      if (isFilled) change(kept, object, old)
      else early.push([object, old])
    })
    for (const object of await listing) change(kept, object, undefined)
    for (const [object, old] of early) change(kept, object, old)
    isFilled = true
    return kept
  }
  return {
    get: () => (isFilled ? kept : (filling ??= fill())),
    get known() {
      return isFilled ? kept : undefined
    },
  }
}
