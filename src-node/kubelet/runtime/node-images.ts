import type Docker from 'dockerode'
import type { Clock } from '../../../src-kube/machinery/clock.ts'

/** An image of the node, as its status lists it. */
export interface NodeImage {
  names: string[]
  sizeBytes: number
}

/** Images that a node's status names, and names of each (`nodeStatusMaxImages`; reference: `maxNamesPerImageInNodeStatus`). */
const [MOST, MOST_NAMES] = [50, 5]
/** Milliseconds: a status must not wait for an engine that does not answer. */
const PATIENCE = 1_000

/** Images on the node, largest first: what the engine last said, when it does not answer soon. */
export function createNodeImages(docker: Docker, clock: Clock, up: () => boolean): () => Promise<NodeImage[]> {
  let last: NodeImage[] = []
  return async () => {
    if (!up()) return last
    const late = Promise.withResolvers<NodeImage[]>()
    const timer = clock.after(PATIENCE, () => late.resolve(last))
    try {
      last = await Promise.race([list(docker), late.promise])
      return last
    } finally {
      timer.cancel()
    }
  }
}

async function list(docker: Docker): Promise<NodeImage[]> {
  const images = await docker.listImages()
  return images
    .map(({ RepoDigests, RepoTags, Size }) => ({
      names: [...(RepoDigests ?? []), ...(RepoTags ?? [])]
        .filter((name) => !name.startsWith('<none>'))
        .slice(0, MOST_NAMES),
      sizeBytes: Size,
    }))
    .filter(({ names }) => names.length > 0)
    .sort((a, b) => b.sizeBytes - a.sizeBytes)
    .slice(0, MOST)
}
