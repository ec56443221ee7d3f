import type { ContainerStatus, Pod } from '#types/core/v1'
import { attemptsOf, type Observed } from './observed.ts'

/** What an earlier agent said of containers that still run: a restart of the agent makes no pod unready. */
export function remembered({ status }: Pod, observed: readonly Observed[]): ContainerStatus[] {
  const said = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]
  return said.filter(({ name, containerID }) => {
    const { last } = attemptsOf(observed, name)
    return last?.state === 'running' && containerID === `docker://${last.id}`
  })
}
