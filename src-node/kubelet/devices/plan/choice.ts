/**
 * Which devices a container is given (kubernetes.io, "Device Plugins"). Whoever asks is given what its pod's init containers leave behind first,
 * then what the plugin prefers, then any that is free: only healthy ones.
 */

/** What a container asks for of one resource. */
export interface Demand {
  resource: string
  count: number
}

/** What there is of a resource. */
export interface Stock {
  healthy: ReadonlySet<string>
  /** Devices of any container. */
  taken: ReadonlySet<string>
}

/** What the container and its pod have of the resource already. */
export interface Held {
  pod: string
  container: string
  /** Given to this container before. */
  own: readonly string[]
  /** Of init containers of the pod, which have ended when this one starts. */
  reusable: readonly string[]
}

/** A choice that is still open: so many of the free ones beside those that it takes in any case. */
export interface OpenChoice {
  certain: string[]
  free: string[]
  missing: number
}

/** Devices that cannot be given, in upstream's words. */
class NoDevices extends Error {
  override readonly name = 'NoDevices'
}

/** What is still to be chosen; undefined when the container has all that it asks for. Throws {@link NoDevices}. Pure. */
export function openChoice({ resource, count }: Demand, stock: Stock | undefined, held: Held): OpenChoice | undefined {
  const { pod, container, own, reusable } = held
  if (own.length > 0 && own.length !== count)
    throw new NoDevices(
      `pod "${pod}" container "${container}" changed request for resource "${resource}" from ${own.length} to ${count}`,
    )
  if (!stock) throw new NoDevices(`cannot allocate unregistered device ${resource}`)
  if (stock.healthy.size === 0)
    throw new NoDevices(`no healthy devices present; cannot allocate unhealthy devices ${resource}`)
  if (own.some((id) => !stock.healthy.has(id)))
    throw new NoDevices(
      `previously allocated devices are no longer healthy; cannot allocate unhealthy devices ${resource}`,
    )
  if (own.length === count) return undefined
  const certain = reusable.toSorted(naturally).slice(0, count)
  const missing = count - certain.length
  const free = [...stock.healthy].filter((id) => !stock.taken.has(id) && !certain.includes(id)).toSorted(naturally)
  if (free.length < missing)
    throw new NoDevices(
      `requested number of devices unavailable for ${resource}. Requested: ${missing}, Available: ${free.length}`,
    )
  return { certain, free, missing }
}

/** The devices themselves; what the plugin prefers and may not be given is passed over. Pure. */
export function closeChoice({ certain, free, missing }: OpenChoice, preferred: readonly string[] = []): string[] {
  const first = preferred.filter((id, i) => free.includes(id) && preferred.indexOf(id) === i)
  const rest = free.filter((id) => !first.includes(id))
  return [...certain, ...[...first, ...rest].slice(0, missing)]
}

const collator = new Intl.Collator('en', { numeric: true })
const naturally = (a: string, b: string): number => collator.compare(a, b)
