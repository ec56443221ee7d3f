import type { Container, Pod } from '#types/core/v1'
import { bytesValue } from '../../../../src-kube/machinery/quantity.ts'
import { isSidecar } from '../../plan/restart.ts'
import type { Demand } from './choice.ts'

/** What a container asks for of the resources that plugins offer: its limits, which are its requests too. Pure. */
export function demandsOf({ resources }: Container, isDevice: (resource: string) => boolean): Demand[] {
  return Object.entries((resources?.limits ?? {}) as Record<string, string>).flatMap(([resource, amount]) => {
    const count = isDevice(resource) ? bytesValue(amount) : 0
    return count > 0 ? [{ resource, count }] : []
  })
}

/** A container in the order in which devices are given out. */
export interface Turn {
  container: Container
  /** Its devices are free for those after it: it has ended by then. */
  leaves: boolean
}

/** Init containers first; sidecars keep what they have (kubernetes.io, "Sidecar Containers: Resource sharing within containers"). Pure. */
export const turnsOf = ({ spec }: Pod): Turn[] => [
  ...(spec.initContainers ?? []).map((container) => ({ container, leaves: !isSidecar(container) })),
  ...spec.containers.map((container) => ({ container, leaves: false })),
]

const QUALIFIED = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/
const DOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/

/** Whether plugins may offer a resource of this name (kubernetes.io, "Extended resources"): one with a domain that is not Kubernetes' own. Pure. */
export function isExtendedResource(name: string): boolean {
  const [domain = '', own = '', ...more] = name.split('/')
  if (more.length > 0 || !QUALIFIED.test(own) || !DOMAIN.test(domain) || domain.length > 253) return false
  return !/(^|\.)kubernetes\.io$/.test(domain) && !name.startsWith('requests.')
}
