import type { Pod, Volume } from '#types/core/v1'
import { mountsUnder } from '../../host/index.ts'
import { CsiVolumes } from '../csi/index.ts'
import type { CsiVolumeStats } from '../csi/stats.ts'
import { usedVolumes } from '../plan/used-volumes.ts'
import { setUpEmptyDir } from './empty-dir.ts'
import { setUpHostPath } from './host-path.ts'
import { setUpImage } from './image.ts'
import { setUpNfs } from './nfs.ts'
import { giveToGroup } from './ownership.ts'
import { isWritten, tellsPodFields } from './payload.ts'
import {
  type ClaimedVolume,
  ephemeralClaimName,
  type MountCsi,
  type MountNfs,
  setUpClaim,
} from './persistent-volume-claim.ts'
import { VolumePlaces } from './places.ts'
import { PodCertificates } from './pod-certificates.ts'
import { createReferences, type References } from './references.ts'
import { createTokenSource, type TokenSource } from './service-account-token.ts'
import { TrustBundles } from './trust-bundles.ts'
import { ClaimError, UnattachedError, VolumeError } from './volume-errors.ts'
import type { VolumeFacts, Volumes, VolumesOptions } from './volumes.ts'
import { WrittenVolumes } from './written-volumes.ts'

export { createReferences, type References } from './references.ts'
export type { VolumeFacts, Volumes, VolumesOptions } from './volumes.ts'

/** The volumes of this node's pods; `references` is shared with whoever else reads configMaps and secrets. */
export function createVolumes(options: VolumesOptions & { references?: References }): Volumes {
  return new PodVolumes(options)
}

/** Upstream's kubelet clones for nobody any more (kubernetes.io, "Volumes: gitRepo"). */
const NO_GIT_REPO =
  'git-repo volume plugin has been disabled; if necessary, it may be re-enabled by enabling the feature-gate `GitRepoVolumeDriver`'

/** Whether the words are already those of the pod's event. */
const isTold = (error: unknown): boolean =>
  error instanceof ClaimError || error instanceof VolumeError || error instanceof UnattachedError

class PodVolumes implements Volumes {
  readonly #options: VolumesOptions
  readonly #places: VolumePlaces
  readonly #references: References
  readonly #tokens: TokenSource
  readonly #bundles: TrustBundles
  readonly #certificates: PodCertificates
  readonly #csi: CsiVolumes
  /** By uid: pods whose volumes stand. */
  readonly #pods = new Map<string, WrittenVolumes>()
  /** By uid: the groups of volumes that pods claim. */
  readonly #groups = new Map<string, Set<number>>()

  constructor(options: VolumesOptions & { references?: References }) {
    this.#options = options
    this.#places = new VolumePlaces(options)
    this.#references = options.references ?? createReferences(options)
    this.#tokens = createTokenSource(options.client, options.clock)
    this.#bundles = new TrustBundles(options)
    this.#certificates = new PodCertificates(options)
    this.#csi = new CsiVolumes({ ...options, ...options.csi, references: this.#references, tokens: this.#tokens })
  }

  async setUp(pod: Pod, facts: VolumeFacts): Promise<Map<string, string>> {
    const written = this.#writtenOf(pod, facts)
    const paths = usedVolumes(pod).map(async (volume): Promise<[string, string]> => {
      try {
        return [volume.name, await this.#setUpOne(written, volume)]
      } catch (error) {
        if (isTold(error)) throw error
        throw new VolumeError(volume.name, error)
      }
    })
    return new Map(await Promise.all(paths))
  }

  groupsOf(uid: string): readonly number[] {
    return [...(this.#groups.get(uid) ?? [])]
  }

  async update(pod: Pod, facts: VolumeFacts): Promise<void> {
    if (!this.#pods.has(pod.metadata.uid)) return
    const written = this.#writtenOf(pod, facts)
    await Promise.all(
      usedVolumes(pod)
        .filter(tellsPodFields)
        .map((volume) => written.rewrite(volume)),
    )
  }

  statsOf(path: string): Promise<CsiVolumeStats | undefined> {
    return this.#csi.statsOf(path)
  }

  async tearDown(uid: string): Promise<void> {
    const written = this.#pods.get(uid)
    this.#pods.delete(uid)
    this.#groups.delete(uid)
    await written?.release()
    this.#tokens.forget(uid)
    this.#certificates.forget(uid)
    // A name of nothing would be the directory of every pod.
    if (!uid) return
    await this.#csi.tearDown(uid)
    const { host } = this.#options
    for (const mount of await mountsUnder((path) => host.readFile(path), this.#places.ofPod(uid))) {
      await host.run('umount', ['-l', mount])
    }
    await this.#places.remove(uid)
  }

  #writtenOf(pod: Pod, facts: VolumeFacts): WrittenVolumes {
    const known = this.#pods.get(pod.metadata.uid)
    if (known) {
      known.pod = pod
      known.facts = facts
      return known
    }
    const fresh = new WrittenVolumes({
      pod,
      facts,
      options: this.#options,
      references: this.#references,
      tokens: this.#tokens,
      bundles: this.#bundles,
      certificates: this.#certificates,
      directoryOf: (volume) => this.#places.toWrite(pod, volume),
    })
    this.#pods.set(pod.metadata.uid, fresh)
    return fresh
  }

  /** The path of the volume on the node. */
  async #setUpOne(written: WrittenVolumes, volume: Volume): Promise<string> {
    const { pod } = written
    const { host, layersOf, nodeFacts } = this.#options
    const { hostPath, persistentVolumeClaim, ephemeral, emptyDir, image, nfs, csi, gitRepo } = volume
    if (hostPath) return setUpHostPath(hostPath.path, hostPath.type)
    const { name } = volume
    if (persistentVolumeClaim) {
      const { claimName, readOnly = false } = persistentVolumeClaim
      return this.#setUpClaim(written, { name, claimName, readOnly, ofPod: false })
    }
    if (ephemeral)
      return this.#setUpClaim(written, {
        name,
        claimName: ephemeralClaimName(pod, volume),
        readOnly: false,
        ofPod: true,
      })
    if (isWritten(volume)) {
      await written.setUp(volume)
      return this.#places.toWrite(pod, volume)
    }
    const directory = this.#places.of(pod, volume)
    if (emptyDir) {
      await setUpEmptyDir(directory, emptyDir, { host, pod, allocatable: () => nodeFacts.allocatable() })
      await giveToGroup(host, pod, directory)
    } else if (image) {
      await setUpImage(host, directory, await layersOf(pod, image))
    } else if (nfs) {
      await setUpNfs(directory, nfs, [], this.#options)
    } else if (csi) {
      return this.#csi.setUpInline(pod, volume)
    } else {
      throw new Error(gitRepo ? NO_GIT_REPO : 'no volume plugin matched')
    }
    return directory
  }

  async #setUpClaim({ pod, facts }: WrittenVolumes, claimed: ClaimedVolume): Promise<string> {
    const { client, nodeName, host } = this.#options
    const mountNfs: MountNfs = (name, nfs, options) =>
      setUpNfs(this.#places.of(pod, { name, nfs }), nfs, options, this.#options)
    const mountCsi: MountCsi = (volume) => this.#csi.setUpPersistent(pod, volume, claimed, facts.signal)
    const sources = { client, nodeName, mountNfs, mountCsi }
    const { path, mode, givable, group } = await setUpClaim(sources, pod, claimed)
    if (mode === 'Filesystem' && givable) await giveToGroup(host, pod, path)
    const { uid } = pod.metadata
    if (group !== undefined) this.#groups.set(uid, new Set(this.#groups.get(uid)).add(group))
    return path
  }
}
