/** Why the volumes of a pod are not there, in the words of its `FailedMount` events. */

const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** A step before the mounting itself failed. */
export class StepError extends Error {
  override readonly name = 'StepError'
  readonly step: 'NewMounter initialization' | 'NodeAffinity check'
  constructor(step: StepError['step'], message: string) {
    super(message)
    this.step = step
  }
}

/** A volume that cannot be made. `volume` is its name in the pod or, of a claim's, the persistent volume's. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError'
  readonly volume: string
  constructor(volume: string, cause: unknown) {
    const step = cause instanceof StepError ? cause.step : 'SetUp'
    super(`MountVolume.${step} failed for volume "${volume}" : ${wordsOf(cause)}`, { cause })
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
