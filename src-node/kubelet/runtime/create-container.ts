import type { ContainerCreateOptions } from 'dockerode'
import type Docker from 'dockerode'
import { engineWords } from './engine-words.ts'

/**
 * What the node's engine lets its containers have. A node inside another container may lack rights of its own; a refusal is
 * remembered for the whole node, so that only the first container pays for finding out.
 */
export interface Grants {
  /** `Privileged`. */
  privileged: boolean
  /** Below zero: better protected from the kernel's OOM killer than the node itself. */
  lowOomScore: boolean
}

/** A container that the engine does not create, in the words of the container's waiting state. */
class CreateContainerError extends Error {
  override readonly name = 'CreateContainerError'
  readonly reason = 'CreateContainerError'
}

/** A container that was created and did not start, in the words of the container's waiting state. */
export class RunContainerError extends Error {
  override readonly name = 'RunContainerError'
  readonly reason = 'RunContainerError'
  readonly containerId: string
  constructor(message: string, containerId: string, cause: unknown) {
    super(message, { cause })
    this.containerId = containerId
  }
}

/**
 * Creates and starts what the options ask for within what is granted; answers its id. When the engine refuses a right it is asked
 * again without. Throws `RunContainerError` when the container is there and cannot start, `CreateContainerError` when it is not.
 */
export async function createContainer(
  docker: Docker,
  grants: Grants,
  optionsWithin: (grants: Grants) => ContainerCreateOptions,
): Promise<string> {
  const options = optionsWithin(grants)
  const container = await create(docker, options)
  try {
    await container.start()
    return container.id
  } catch (error) {
    // Without an answer the engine is away: what became of the container is not known.
    if ((error as { statusCode?: number }).statusCode === undefined) throw error
    const words = engineWords(error)
    const refused = refusedRight(words, options)
    // Others may have found out meanwhile: what counts is what this container asked for.
    if (!refused) throw new RunContainerError(words, container.id, error)
    grants[refused] = false
    await container.remove({ force: true, v: true })
    return createContainer(docker, grants, optionsWithin)
  }
}

async function create(docker: Docker, options: ContainerCreateOptions): Promise<Docker.Container> {
  try {
    return await docker.createContainer(options)
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode !== 409) {
      throw new CreateContainerError(engineWords(error), { cause: error })
    }
    // One of this name is there: made by an agent that died before it could remember.
    await docker.getContainer(options.name!).remove({ force: true, v: true })
    return docker.createContainer(options)
  }
}

/** crun and newer runcs name the file; older ones only miss the process that ended over it. */
const LOW_SCORE_REFUSED = /oom_score_adj|can't get final child's PID from pipe/i

function refusedRight(words: string, { HostConfig: host }: ContainerCreateOptions): keyof Grants | undefined {
  if (LOW_SCORE_REFUSED.test(words) && (host?.OomScoreAdj ?? 0) < 0) return 'lowOomScore'
  if (/operation not permitted|unable to apply caps/i.test(words) && host?.Privileged) return 'privileged'
  return undefined
}
