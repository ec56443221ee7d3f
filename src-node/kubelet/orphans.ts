import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pod } from '#types/core/v1'
import { unlessMissing } from '../host/unless-missing.ts'
import type { Informer } from '../../src-kube/client/informer.ts'
import type { PodContext } from './pod-context.ts'

type OrphanContext = Pick<PodContext, 'engine' | 'volumes' | 'files' | 'logs' | 'log'>

/** Removes what is left of pods that were deleted while the agent was away: containers with all that is theirs, and volumes without any. */
export async function removeOrphans(
  pods: Pick<Informer<Pod>, 'list'>,
  context: OrphanContext,
  stateDirectory: string,
): Promise<void> {
  const directories = await directoriesIn(join(stateDirectory, 'pods'))
  // Only now: a pod that came meanwhile may have got its directory already.
  const known = new Set(pods.list().map(({ metadata }) => metadata.uid))
  const found = context.engine.pods().filter(({ uid }) => !known.has(uid))
  const gone = new Set(found.map(({ uid }) => uid))
  const bare = directories.filter((uid) => !known.has(uid) && !gone.has(uid))
  await Promise.all([
    ...found.map((pod) => removePod(context, pod)),
    ...bare.map((uid) => removeFiles(context, uid, `volumes of pod ${uid}`)),
  ])
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
