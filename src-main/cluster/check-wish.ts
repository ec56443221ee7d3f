import { createServer } from 'node:net'
import type Docker from 'dockerode'
import type { ClusterWish, WishCheck, WishProblem } from '../../src-wire/gateway/clusters.ts'
import { checkClusterName } from './data-directory.ts'
import { connectEngine } from './docker/engine.ts'
import { checkDisk, memoryFor, nodesThatFit } from './docker/room.ts'
import { openSnapshot } from './snapshot/open-file.ts'
import { NODES } from './up-steps.ts'
import { UserError } from './user-error.ts'

/** Nodes that one cluster may have here. */
const MOST_NODES = 50

/** What of this machine a wish for a cluster is judged by; what is left out is not judged. */
export interface WishSurroundings {
  /** Names of clusters that are there. */
  taken: readonly string[]
  /** The desktop's engine; throws a `UserError` when it does not answer. */
  engine?: () => Promise<Docker>
  isPortFree?: (port: number) => Promise<boolean>
}

/** Everything that would be in the way of a new cluster, one problem a field, before anything is made. */
export async function checkWish(wish: ClusterWish, surroundings: WishSurroundings): Promise<WishCheck> {
  const { engine = connectEngine, isPortFree = canListen } = surroundings
  const snapshot = wish.snapshot === undefined ? undefined : await snapshotProblem(wish.snapshot)
  const nodes = wish.nodes ?? (typeof snapshot === 'number' ? snapshot : NODES)
  const name = nameProblem(wish.name, surroundings.taken)
  const room = await nodesProblem(nodes, engine)
  const port = wish.port === undefined ? undefined : await portProblem(wish.port, isPortFree)
  const problems = [name, room.problem, port, typeof snapshot === 'object' ? snapshot : undefined]
  return {
    problems: problems.filter((problem) => problem !== undefined),
    ...(room.most === undefined ? {} : { mostNodes: room.most }),
  }
}

function nameProblem(name: string, taken: readonly string[]): WishProblem | undefined {
  try {
    checkClusterName(name)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { field: 'name', code: 'nameForm', facts: { name } }
  }
  return taken.includes(name) ? { field: 'name', code: 'nameTaken', facts: { name } } : undefined
}

async function nodesProblem(
  nodes: number,
  engine: () => Promise<Docker>,
): Promise<{ problem?: WishProblem; most?: number }> {
  if (!Number.isInteger(nodes) || nodes < 0 || nodes > MOST_NODES)
    return { problem: { field: 'nodes', code: 'nodesForm', facts: { most: MOST_NODES } } }
  if (nodes === 0) return {}
  try {
    const docker = await engine()
    await checkDisk(docker)
    const free = await memoryFor(docker)
    if (free === undefined) return {}
    const most = Math.min(MOST_NODES, nodesThatFit(free))
    if (nodes <= most) return { most }
    const gibibytes = (free / 2 ** 30).toFixed(1)
    return { most, problem: { field: 'nodes', code: 'memory', facts: { nodes, most, free: gibibytes } } }
  } catch (error) {
    return { problem: { field: 'nodes', code: 'engine', facts: { detail: sentences(error) } } }
  }
}

async function portProblem(
  port: number,
  isPortFree: (port: number) => Promise<boolean>,
): Promise<WishProblem | undefined> {
  if (!Number.isInteger(port) || port < 1 || port > 65535) return { field: 'port', code: 'portForm', facts: {} }
  return (await isPortFree(port)) ? undefined : { field: 'port', code: 'portTaken', facts: { port } }
}

/** Its number of nodes when it can be read. */
async function snapshotProblem(file: string): Promise<WishProblem | number> {
  try {
    await using snapshot = await openSnapshot(file)
    return snapshot.manifest.objects['nodes'] ?? 0
  } catch (error) {
    return { field: 'snapshot', code: 'snapshot', facts: { detail: sentences(error) } }
  }
}

function sentences(error: unknown): string {
  if (!(error instanceof UserError)) throw error
  return [error.message, error.remedy].filter(Boolean).join(' ')
}

/** Whether this user may listen on a port of 127.0.0.1 now. */
function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
