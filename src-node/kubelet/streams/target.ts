import { StatusError, badRequest, notFound } from '../../../src-kube/machinery/errors.ts'
import type { ContainerTarget } from '../../../src-wire/node/pod-streams.ts'

/** A container of a pod as the runtime has it. */
export interface FoundContainer {
  /** The runtime's id of the newest container of that name; empty while there is none. */
  id: string
  state: 'running' | 'waiting' | 'terminated'
  /** Why it waits: `ContainerCreating`, `ImagePullBackOff`, … */
  reason?: string | undefined
  /** The container before it. */
  previousId?: string | undefined
}

/** Finds a container by names; undefined when this node has no such pod or container. */
export type FindContainer = (target: ContainerTarget) => Promise<FoundContainer | undefined>

/** The container whose log is asked for. */
export async function logContainer(find: FindContainer, target: ContainerTarget, previous: boolean): Promise<string> {
  const found = await find(target)
  if (!found) throw notFound({ group: '', resource: 'pods' }, target.pod)
  const named = `container "${target.container}" in pod "${target.pod}"`
  if (previous) {
    if (!found.previousId) throw badRequest(`previous terminated ${named} not found`)
    return found.previousId
  }
  if (found.state === 'waiting') {
    // One that waits for its next start still has the log of its last.
    const last = found.id || found.previousId
    if (last) return last
    const why = found.reason ?? 'ContainerCreating'
    const failing = why === 'ErrImagePull' || why === 'ImagePullBackOff' || why === 'InvalidImageName'
    throw badRequest(`${named} is waiting to start: ${failing ? 'trying and failing to pull image' : why}`)
  }
  return found.id
}

/** The container that a command runs in: it must be running. */
export async function runningContainer(find: FindContainer, target: ContainerTarget): Promise<string> {
  const found = await find(target)
  if (!found) throw notFound({ group: '', resource: 'pods' }, target.pod)
  if (found.state !== 'running') {
    throw new StatusError(
      500,
      'InternalError',
      `unable to upgrade connection: container not found ("${target.container}")`,
    )
  }
  return found.id
}
