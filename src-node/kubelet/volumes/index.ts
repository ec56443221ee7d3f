import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pod, Volume } from '#types/core/v1'
import type { Timer } from '../../../src-kube/machinery/clock.ts'
import { mountsUnder } from '../../host/index.ts'
import { writeAtomically } from './atomic-writer.ts'
import { setUpEmptyDir } from './empty-dir.ts'
import { setUpHostPath } from './host-path.ts'
import { asksLimits, isWritten, makePayload, referencesOf } from './payload.ts'
import { setUpClaim } from './persistent-volume-claim.ts'
import { createReferences, type References } from './references.ts'
import { createTokenSource } from './service-account-token.ts'
import type { VolumeFacts, Volumes, VolumesOptions } from './volumes.ts'

export { createReferences, type References } from './references.ts'
export type { VolumeFacts, VolumeHost, Volumes, VolumesOptions } from './volumes.ts'

const retryDelay = 10_000

/** A pod whose volumes stand, with what keeps them up to date. */
interface Standing {
  pod: Pod
  facts: VolumeFacts
  /** Letting go of the objects that its volumes are made from. */
  releases: Map<string, () => void>
  timers: Map<string, Timer>
  /** The end of the writes so far, by volume: one at a time. */
  writes: Map<string, Promise<void>>
}

/** The volumes of this node's pods; `references` is shared with whoever else reads configMaps and secrets. */
export function createVolumes(options: VolumesOptions & { references?: References }): Volumes {
  const { client, stateDirectory, nodeName, nodeIp, nodeFacts, host, clock, signal, log } = options
  const references = options.references ?? createReferences(options)
  const tokens = createTokenSource(client, clock)
  const pods = new Map<string, Standing>()

  const directoryOf = (pod: Pod, volume: Volume) =>
    join(stateDirectory, 'pods', pod.metadata.uid, 'volumes', `kubernetes.io~${pluginOf(volume)}`, volume.name)

  /** Gives the volume to the pod's `fsGroup`: to read what the kubelet writes, to change what is the pod's own. */
  async function setGroup(pod: Pod, directory: string, rights: 'rX' | 'rwX'): Promise<void> {
    const group = pod.spec?.securityContext?.fsGroup
    if (group === undefined) return
    await host.run('chown', ['-R', `:${group}`, directory])
    await host.run('chmod', ['-R', `g+${rights}`, directory])
    if (rights === 'rwX') await host.run('find', [directory, '-type', 'd', '-exec', 'chmod', 'g+s', '{}', '+'])
  }

  async function write(standing: Standing, volume: Volume): Promise<void> {
    const { pod, facts } = standing
    const directory = directoryOf(pod, volume)
    const allocatable = asksLimits(volume) ? await nodeFacts.allocatable() : {}
    const all = { ...facts, nodeIp, nodeName, allocatable }
    const { payload, refreshAt } = await makePayload(volume, pod, all, { references, tokens })
    if (pods.get(pod.metadata.uid) !== standing) return
    if (await writeAtomically(directory, payload, clock.now())) await setGroup(pod, directory, 'rX')
    if (refreshAt !== undefined) again(standing, volume, Math.max(1000, refreshAt - clock.now()))
  }

  /** After the writes before it; what is written is what is true when its turn comes. */
  function rewrite(standing: Standing, volume: Volume): Promise<void> {
    const before = standing.writes.get(volume.name) ?? Promise.resolve()
    const mine = before.catch(() => undefined).then(() => write(standing, volume))
    standing.writes.set(volume.name, mine)
    return mine
  }

  /** A rewrite that nobody waits for: a failure leaves the old files and is tried again. */
  function refresh(standing: Standing, volume: Volume): void {
    if (signal.aborted || pods.get(standing.pod.metadata.uid) !== standing) return
    rewrite(standing, volume).catch((error: unknown) => {
      log(`volume ${volume.name} of ${standing.pod.metadata.namespace}/${standing.pod.metadata.name}: ${String(error)}`)
      again(standing, volume, retryDelay)
    })
  }

  function again(standing: Standing, volume: Volume, delay: number): void {
    if (pods.get(standing.pod.metadata.uid) !== standing) return
    standing.timers.get(volume.name)?.cancel()
    standing.timers.set(
      volume.name,
      clock.after(delay, () => refresh(standing, volume)),
    )
  }

  function watch(standing: Standing, volume: Volume): void {
    const { namespace } = standing.pod.metadata
    for (const key of referencesOf(volume, namespace ?? 'default')) {
      const id = `${volume.name} ${key.kind}/${key.name}`
      if (!standing.releases.has(id)) {
        standing.releases.set(
          id,
          references.hold(key, () => refresh(standing, volume)),
        )
      }
    }
  }

  async function setUpOne(standing: Standing, volume: Volume): Promise<string> {
    const { pod } = standing
    const directory = directoryOf(pod, volume)
    if (volume.hostPath) return setUpHostPath(volume.hostPath.path, volume.hostPath.type)
    if (volume.persistentVolumeClaim) {
      const path = await setUpClaim(client, pod, volume.persistentVolumeClaim.claimName)
      await setGroup(pod, path, 'rwX')
      return path
    }
    if (isWritten(volume)) {
      await rewrite(standing, volume)
      watch(standing, volume)
    } else if (volume.emptyDir) {
      await setUpEmptyDir(host, directory, volume.emptyDir)
      await setGroup(pod, directory, 'rwX')
    } else {
      throw new Error('no volume plugin matched')
    }
    return directory
  }

  function standingOf(pod: Pod, facts: VolumeFacts): Standing {
    let standing = pods.get(pod.metadata.uid)
    if (!standing) {
      standing = { pod, facts, releases: new Map(), timers: new Map(), writes: new Map() }
      pods.set(pod.metadata.uid, standing)
    }
    standing.pod = pod
    standing.facts = facts
    return standing
  }

  return {
    async setUp(pod, facts) {
      const standing = standingOf(pod, facts)
      const volumes = pod.spec?.volumes ?? []
      return new Map(
        await Promise.all(
          volumes.map(async (volume) => [volume.name, await setUpOne(standing, volume)] as [string, string]),
        ),
      )
    },

    async update(pod, facts) {
      if (!pods.has(pod.metadata.uid)) return
      const standing = standingOf(pod, facts)
      const dependent = (pod.spec?.volumes ?? []).filter(
        ({ downwardAPI, projected }) => downwardAPI ?? projected?.sources?.some((source) => source.downwardAPI),
      )
      await Promise.all(dependent.map((volume) => rewrite(standing, volume)))
    },

    async tearDown(uid) {
      const standing = pods.get(uid)
      pods.delete(uid)
      for (const release of standing?.releases.values() ?? []) release()
      for (const timer of standing?.timers.values() ?? []) timer.cancel()
      if (standing) await Promise.allSettled(standing.writes.values())
      tokens.forget(uid)
      // A name of nothing would be the directory of every pod.
      if (!uid) return
      const directory = join(stateDirectory, 'pods', uid)
      for (const mount of await mountsUnder((path) => host.readFile(path), directory))
        await host.run('umount', ['-l', mount])
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function pluginOf(volume: Volume): string {
  if (volume.configMap) return 'configmap'
  if (volume.secret) return 'secret'
  if (volume.downwardAPI) return 'downward-api'
  if (volume.projected) return 'projected'
  return 'empty-dir'
}
