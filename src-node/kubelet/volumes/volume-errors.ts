/** Why the volumes of a pod are not there, in the words of its `FailedMount` events. */

const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** What a volume is made from is not there at all: it is told of another step than one that could not be mounted. */
export class NewMounterError extends Error {
  override readonly name = 'NewMounterError'
}

/** A volume that cannot be made. `volume` is its name in the pod or, of a claim's, the persistent volume's. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError'
  readonly volume: string
  constructor(volume: string, cause: unknown) {
    const step = cause instanceof NewMounterError ? 'MountVolume.NewMounter initialization' : 'MountVolume.SetUp'
    super(`${step} failed for volume "${volume}" : ${wordsOf(cause)}`, { cause })
    this.volume = volume
  }
}

/** A claim that leads to no volume which the pod may use; `volume` is the name in the pod. */
export class ClaimError extends Error {
  override readonly name = 'ClaimError'
  constructor(volume: string, cause: unknown) {
    const places = `unmounted volumes=[${volume}], unattached volumes=[], failed to process volumes=[${volume}]`
    super(`Unable to attach or mount volumes: ${places}: ${wordsOf(cause)}`, { cause })
  }
}
