import type { Endpoint, EndpointPort, EndpointSlice } from '#types/discovery.k8s.io/v1'
import { equal } from '../equal.ts'

/** Of a slice, where nobody says otherwise: kube-controller-manager's `--max-endpoints-per-slice`. */
const MAX_ENDPOINTS = 100

/** Endpoints that share ports and family. */
export interface SliceGroup {
  addressType: string
  ports: EndpointPort[]
  endpoints: Endpoint[]
}

/** All that the controller writes of a slice. */
export interface SliceContent extends SliceGroup {
  labels: Record<string, string>
}

/** The writes that make the slices there are those that are wanted. */
export interface SlicePlan {
  create: SliceContent[]
  update: Array<{ slice: EndpointSlice; content: SliceContent }>
  remove: EndpointSlice[]
}

/**
 * How to turn the slices there are into what is wanted with few writes: an endpoint stays in its slice, new ones fill slices that change
 * anyway or have room, empty slices go unless one must stay to show that nobody is there. Pure.
 *
 * @param room how many endpoints a slice takes
 */
export function planSlices(
  existing: readonly EndpointSlice[],
  groups: readonly SliceGroup[],
  labels: Record<string, string>,
  room = MAX_ENDPOINTS,
): SlicePlan {
  const plan: SlicePlan = { create: [], update: [], remove: [] }
  const left = new Set(existing)
  for (const group of groups) {
    const mine = existing.filter((s) => s.addressType === group.addressType && equal(s.ports ?? [], group.ports))
    for (const slice of mine) left.delete(slice)
    planGroup(plan, mine, group, { labels, room })
  }
  plan.remove.push(...left)
  return plan
}

function planGroup(
  plan: SlicePlan,
  mine: readonly EndpointSlice[],
  group: SliceGroup,
  { labels, room }: { labels: Record<string, string>; room: number },
): void {
  const wanted = new Map(group.endpoints.map((endpoint) => [identity(endpoint), endpoint]))
  const kept = mine.map((slice) => {
    const endpoints: Endpoint[] = []
    for (const old of slice.endpoints ?? []) {
      const now = wanted.get(identity(old))
      if (now) endpoints.push(now)
      wanted.delete(identity(old))
    }
    return { slice, endpoints }
  })
  const rest = [...wanted.values()]
  const changedFirst = kept.toSorted((a, b) => changed(b) - changed(a))
  for (const one of changedFirst) one.endpoints.push(...rest.splice(0, Math.max(0, room - one.endpoints.length)))
  for (const { slice, endpoints } of kept) {
    const content = { ...group, endpoints, labels }
    if (endpoints.length === 0 && group.endpoints.length > 0) plan.remove.push(slice)
    else if (!equal(slice.endpoints ?? [], endpoints) || !equal(slice.metadata.labels ?? {}, labels))
      plan.update.push({ slice, content })
  }
  while (rest.length > 0) plan.create.push({ ...group, endpoints: rest.splice(0, room), labels })
  if (group.endpoints.length === 0) {
    if (mine.length === 0) plan.create.push({ ...group, endpoints: [], labels })
    plan.update = plan.update.filter(({ slice }) => slice === mine[0] || !mine.includes(slice))
    plan.remove.push(...mine.slice(1))
  }
}

function changed({ slice, endpoints }: { slice: EndpointSlice; endpoints: Endpoint[] }): number {
  return equal(slice.endpoints ?? [], endpoints) ? 0 : 1
}

function identity({ addresses, targetRef, hostname, nodeName }: Endpoint): string {
  return targetRef?.uid ? `${targetRef.uid}/${addresses.join()}` : `${addresses.join()}/${hostname}/${nodeName}`
}
