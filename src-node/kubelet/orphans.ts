import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pod } from '#types/core/v1'
import { unlessMissing } from '../host/unless-missing.ts'
import type { Informer } from '../../src-kube/client/informer.ts'
import type { Clock } from '../../src-kube/machinery/clock.ts'
import type { PodContext } from './pod-context.ts'
import { repeat } from './repeat.ts'
import type { Workers } from './workers.ts'

type OrphanContext = Pick<PodContext, 'engine' | 'volumes' | 'files' | 'logs' | 'log'>

/** What belongs to a pod that is there; all else of pods on this node is removed. */
export interface OrphanOptions {
  pods: Pick<Informer<Pod>, 'list'>
  /** Pods that are gone from the API are their workers' until these have finished. */
  workers: Pick<Workers, 'pods'>
  /** `/var/lib/kubelet`. */
  stateDirectory: string
  clock: Clock
  signal: AbortSignal
}

/** Milliseconds between two looks for what is left, as upstream's container garbage collection. */
const INTERVAL = 60_000

/** Removes what is left of pods that are gone, now and every minute: what could not be removed at once, or came to light later. Resolves after the first time. */
export async function keepFreeOfOrphans(options: OrphanOptions, context: OrphanContext): Promise<void> {
  const { clock, signal } = options
  const failed = (words: string): void => context.log(`orphans: ${words}`)
  const look = async (): Promise<void> => {
    // An engine that is away lists what it has when it comes back.
    if (context.engine.up) await context.engine.discover()
    await removeOrphans(options, context)
  }
  await removeOrphans(options, context).catch((error: unknown) => failed(String(error)))
  clock.after(INTERVAL, () => repeat(look, { interval: INTERVAL, clock, signal, failed }))
}

/** Removes what is left of pods that were deleted while the agent was away: containers with all that is theirs, volumes without any, and logs. */
export async function removeOrphans(
  { pods, workers, stateDirectory }: Pick<OrphanOptions, 'pods' | 'workers' | 'stateDirectory'>,
  context: OrphanContext,
): Promise<void> {
  const known = (): Set<string> => new Set([...pods.list(), ...workers.pods()].map(({ metadata }) => metadata.uid))
  const directories = await directoriesIn(join(stateDirectory, 'pods'))
  // Only now: a pod that came meanwhile may have got its directory already.
  const here = known()
  const found = context.engine.pods().filter(({ uid }) => !here.has(uid))
  const gone = new Set(found.map(({ uid }) => uid))
  const bare = directories.filter((uid) => !here.has(uid) && !gone.has(uid))
  await Promise.all([
    ...found.map((pod) => removePod(context, pod)),
    ...bare.map((uid) => removeFiles(context, uid, `volumes of pod ${uid}`)),
  ])
  await context.logs.keep(known)
}

async function removePod(
  context: OrphanContext,
  { uid, name, namespace }: { uid: string; name: string; namespace: string },
): Promise<void> {
  const { engine, logs, log } = context
  log(`removing what is left of ${namespace}/${name}`)
  try {
    await Promise.all(engine.ofPod(uid).map((one) => engine.remove(one.id)))
    await removeFiles(context, uid, `${namespace}/${name}`)
    await logs.remove({ uid, name, namespace })
  } catch (error) {
    log(`removing ${namespace}/${name}: ${String(error)}`)
  }
}

async function removeFiles({ volumes, files, log }: OrphanContext, uid: string, what: string): Promise<void> {
  try {
    await volumes.tearDown(uid)
    await files.remove(uid)
  } catch (error) {
    log(`removing ${what}: ${String(error)}`)
  }
}

async function directoriesIn(path: string): Promise<string[]> {
  const entries = (await unlessMissing(readdir(path, { withFileTypes: true }))) ?? []
  return entries.flatMap((entry) => (entry.isDirectory() ? entry.name : []))
}
