import type { HostConfig } from 'dockerode'
import type { Container, ResourceRequirements } from '#types/core/v1'
import { resourceOptions } from './resources.ts'

/** What is to be done so that a running container has the resources that it asks for. */
export type Resize = 'restart' | HostConfig

/**
 * Compares with what the container was given: what differs is changed as it runs, or by a new start where the container's policy for that
 * resource asks for one (kubernetes.io, "Resize CPU and Memory Resources assigned to Containers"). Undefined when nothing differs. Pure.
 */
export function resizeOf(container: Container, given: string, ofPod?: ResourceRequirements): Resize | undefined {
  const wanted = resourceOptions(container, ofPod)
  if (JSON.stringify(wanted) === given) return undefined
  const before = JSON.parse(given) as HostConfig
  const differs = (...names: Array<keyof HostConfig>): boolean => names.some((name) => wanted[name] !== before[name])
  const changed = [...(differs('CpuShares', 'CpuQuota') ? ['cpu'] : []), ...(differs('Memory') ? ['memory'] : [])]
  if (changed.length === 0) return undefined
  const restarts = (container.resizePolicy ?? []).some(
    ({ resourceName, restartPolicy }) => restartPolicy === 'RestartContainer' && changed.includes(resourceName),
  )
  return restarts ? 'restart' : wanted
}
