import type { Container, ContainerStatus, Pod, ResourceRequirements } from '#types/core/v1'
import { compareQuantities } from '../../machinery/quantity.ts'

type Amounts = Readonly<Record<string, string>>
type Which = 'requests' | 'limits'

const nothing: Amounts = {}

/**
 * What a container counts for while its resources may be changed in place (kubernetes.io, "Resize CPU and Memory Resources assigned to
 * Containers"; KEP-1287): of each resource the most of what is asked, what the kubelet has promised and what it runs with; where the
 * kubelet has found the change infeasible, what is asked does not count.
 */
export function resourcesOfContainer(pod: Pod, { name, resources }: Container, which: Which): Amounts {
  const asked = amountsOf(resources, which)
  const { status } = pod
  if (!status?.containerStatuses && !status?.initContainerStatuses) return asked
  const said = statusOf(pod, name)
  return said ? counted(pod, asked, said, which) : asked
}

/** The same of what the pod asks as a whole (KEP-2837, KEP-5419); undefined where it asks nothing. */
export function resourcesOfPodItself(pod: Pod, which: Which): Amounts | undefined {
  const { resources } = pod.spec
  if (!resources?.[which]) return undefined
  return pod.status ? counted(pod, amountsOf(resources, which), pod.status, which) : amountsOf(resources, which)
}

type Said = Pick<ContainerStatus, 'resources' | 'allocatedResources'>

function counted(pod: Pod, asked: Amounts, { resources, allocatedResources }: Said, which: Which): Amounts {
  const promised = which === 'requests' ? ((allocatedResources ?? nothing) as Amounts) : nothing
  const actual = amountsOf(resources, which)
  const more = differs(asked, promised) || differs(asked, actual)
  if (!more) return asked
  if (isInfeasible(pod)) return isEmpty(promised) && isEmpty(actual) ? asked : most(promised, actual)
  return most(most(asked, promised), actual)
}

function statusOf({ status }: Pod, name: string): ContainerStatus | undefined {
  for (const one of status?.containerStatuses ?? []) if (one.name === name) return one
  for (const one of status?.initContainerStatuses ?? []) if (one.name === name) return one
  return undefined
}

const amountsOf = (resources: ResourceRequirements | undefined, which: Which): Amounts =>
  (resources?.[which] ?? nothing) as Amounts

/** Whether anything that is said is written in other words than what is asked; most pods are as they were asked to be. */
function differs(asked: Amounts, said: Amounts): boolean {
  for (const name in said) if (said[name] !== asked[name]) return true
  return false
}

function isEmpty(amounts: Amounts): boolean {
  for (const _ in amounts) return false
  return true
}

function most(a: Amounts, b: Amounts): Amounts {
  const result: Record<string, string> = { ...a }
  for (const name in b) if (compareQuantities(b[name]!, result[name] ?? '0') > 0) result[name] = b[name]!
  return result
}

function isInfeasible({ status }: Pod): boolean {
  return !!status?.conditions?.some(({ type, reason }) => type === 'PodResizePending' && reason === 'Infeasible')
}
