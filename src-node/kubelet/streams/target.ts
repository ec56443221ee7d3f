import { StatusError, badRequest, notFound } from '../../../src-kube/machinery/errors.ts'
import type { ContainerTarget } from '../../../src-wire/node/pod-streams.ts'
import type { Observed } from '../plan/observed.ts'

/** A container of a pod as the runtime has it. */
export interface FoundContainer {
  /** The runtime's id of the newest container of that name; empty while it waits to start. */
  id: string
  state: 'running' | 'waiting' | 'terminated'
  /** Why it waits: `ContainerCreating`, `ImagePullBackOff`, … */
  reason?: string | undefined
  /** Its pod was not taken by the node: it never was. */
  refused?: true
  /** The container before it, which has ended. */
  previousId?: string | undefined
}

/** Finds a container by names; undefined when this node has no such pod or container. */
export type FindContainer = (target: ContainerTarget) => Promise<FoundContainer | undefined>

/** What the API calls the last attempts at a container: one that ended and waits to start again is its own predecessor. */
export function foundContainer(
  { last, previous }: { last: Observed | undefined; previous: Observed | undefined },
  waiting: string | undefined,
): FoundContainer {
  const before = previous ? { previousId: previous.id } : {}
  if (last?.state === 'running') return { id: last.id, state: 'running', ...before }
  if (last?.state === 'exited' && !waiting) return { id: last.id, state: 'terminated', ...before }
  const ended = last?.state === 'exited' ? last : previous
  return { id: '', state: 'waiting', reason: waiting, ...(ended ? { previousId: ended.id } : {}) }
}

/** Words for why there is no log yet, where they are not the reason itself. */
const waitingWords: Record<string, string> = {
  ErrImagePull: "image can't be pulled",
  ImagePullBackOff: 'trying and failing to pull image',
}

/** The container whose log is asked for. Throws 400 in upstream's words when there is none. */
export async function logContainer(find: FindContainer, target: ContainerTarget, previous: boolean): Promise<string> {
  const found = await find(target)
  if (!found) throw notFound({ group: '', resource: 'pods' }, target.pod)
  const named = `container "${target.container}" in pod "${target.pod}"`
  if (found.refused) throw badRequest(`${named} is not available`)
  if (previous) {
    if (!found.previousId) throw badRequest(`previous terminated ${named} not found`)
    return found.previousId
  }
  if (found.state !== 'waiting') return found.id
  // One that waits for its next start still has the log of its last.
  if (found.previousId) return found.previousId
  const reason = found.reason ?? 'ContainerCreating'
  throw badRequest(`${named} is waiting to start: ${waitingWords[reason] ?? reason}`)
}

/** The container that a command runs in: it must be running. */
export async function runningContainer(find: FindContainer, target: ContainerTarget): Promise<string> {
  const found = await find(target)
  if (!found) throw notFound({ group: '', resource: 'pods' }, target.pod)
  if (found.state !== 'running') throw notRunning(target)
  return found.id
}

/** Of a container that has ended, or not begun, there is nothing to join; clients fall back to its log. */
export const notRunning = ({ container }: ContainerTarget): StatusError =>
  new StatusError(500, 'InternalError', `unable to upgrade connection: container not found ("${container}")`)
