/** Why the volumes of a pod are not there, in the words of its `FailedMount` events. */

const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** Steps other than the mounting itself, with what they are a part of. */
const steps = {
  'NewMounter initialization': 'MountVolume',
  'NodeAffinity check': 'MountVolume',
  WaitForAttach: 'MountVolume',
  MountDevice: 'MountVolume',
  NodeExpandVolume: 'MountVolume',
  SetUpDevice: 'MapVolume',
  MapPodDevice: 'MapVolume',
} as const

/** A step that failed, of those that volumes take besides being mounted. */
export class StepError extends Error {
  override readonly name = 'StepError'
  readonly step: keyof typeof steps
  constructor(step: keyof typeof steps, message: string, options?: ErrorOptions) {
    super(message, options)
    this.step = step
  }
}

/** A volume that cannot be made. `volume` is its name in the pod or, of a claim's, the persistent volume's. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError'
  readonly volume: string
  constructor(volume: string, cause: unknown) {
    const step = cause instanceof StepError ? `${steps[cause.step]}.${cause.step}` : 'MountVolume.SetUp'
    super(`${step} failed for volume "${volume}" : ${wordsOf(cause)}`, { cause })
    this.volume = volume
  }
}

/** A volume that nobody attached to this node in time; `volume` is the name in the pod. */
export class UnattachedError extends Error {
  override readonly name = 'UnattachedError'
  constructor(volume: string) {
    const places = `unmounted volumes=[${volume}], unattached volumes=[${volume}], failed to process volumes=[]`
    super(`Unable to attach or mount volumes: ${places}: context deadline exceeded`)
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
