import type Docker from 'dockerode'
import type { ImageInspectInfo } from 'dockerode'
import type { Readable } from 'node:stream'
import type { Container, Pod, Secret } from '#types/core/v1'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import type { Accounts } from '../plan/accounts.ts'
import { parseImage, type ImageReference } from '../plan/image-reference.ts'
import { PullBackoff } from '../plan/pull-backoff.ts'
import { type ImageVerification, isKnown, ownersOf } from '../plan/pull-records.ts'
import { credentialsFor } from '../plan/registry-credentials.ts'
import type { TellPodEvent } from '../pod-event.ts'
import { importCarried, isCarried, PAUSE } from './carried-images.ts'
import { engineWords } from './engine-words.ts'
import { ImageAccounts } from './image-accounts.ts'
import { pullImage, type Pulled } from './pull-image.ts'
import type { PullRecordFile } from './pull-record-file.ts'

/** Where images come from: registries, with the secrets of a pod, and the desktop's engine. */
export interface ImagesOptions {
  docker: Docker
  clock: Clock
  /** Who may use which image. */
  records: Pick<PullRecordFile, 'of' | 'note'>
  verification: ImageVerification
  /** A secret that pods pull with; undefined when there is none. */
  secret(namespace: string, name: string): Promise<Secret | undefined>
  /** `docker save` of an image of the desktop's engine; undefined when it has none. */
  fromDesktop(reference: string): Promise<Readable | undefined>
  event: TellPodEvent
}

/** What a container takes over from its image. */
export interface ImageFacts {
  /** Name or number, with or without a group; empty for root. */
  user: string
  /** `registry/path@sha256:…`; undefined of one that came from nowhere. */
  digest?: string | undefined
  /** The users that it knows; undefined where that cannot be read. */
  accounts?: Accounts | undefined
}

/** Why a container waits for its image, in upstream's words. */
export type ImageReason =
  | 'ErrImagePull'
  | 'ImagePullBackOff'
  | 'ErrImageNeverPull'
  | 'InvalidImageName'
  | 'ImageInspectError'

/** An image that cannot be had, in the words of the container's waiting state. */
export class ImageError extends Error {
  override readonly name = 'ImageError'
  readonly reason: ImageReason
  /** Milliseconds until asking again may give another answer. */
  readonly retryAfter: number
  constructor(reason: ImageReason, message: string, retryAfter: number, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
    this.retryAfter = retryAfter
  }
}

/** From a failed pull to the word that the next one waits. */
const SOON = 2_000
/** For what only a change of the pod or the node can mend. */
const LATER = 10_000

/**
 * Puts images on the node: what is there, a registry, the desktop's own engine, in the order the pull policy asks for. Tells the
 * events of a pull itself; who asks tells how its container fares.
 */
export class Images {
  readonly #options: ImagesOptions
  readonly #backoff = new PullBackoff()
  readonly #accounts = new ImageAccounts()
  readonly #running = new Map<string, Promise<Pulled>>()

  constructor(options: ImagesOptions) {
    this.#options = options
  }

  /** The image of every sandbox; a fresh engine gets it from the node's own file system. */
  async ensurePause(): Promise<string> {
    if (await this.#inspect(PAUSE)) return PAUSE
    await importCarried(this.#options.docker, PAUSE)
    return PAUSE
  }

  /**
   * The image on the node; throws `ImageError` when it cannot be had (kubernetes.io, "Images: Image pull policy", "Ensure image pull credential
   * verification").
   */
  async ensure(pod: Pod, container: Container): Promise<ImageFacts> {
    const { event } = this.#options
    const reference = container.image ?? ''
    const quoted = JSON.stringify(reference)
    const policy = container.imagePullPolicy ?? 'IfNotPresent'
    const parsed = this.#parse(pod, container, reference)
    const held = await this.#inspect(reference).catch((cause: unknown) => {
      const message = `Failed to inspect image ${quoted}: ${engineWords(cause)}`
      event({ pod, container }, 'Warning', 'InspectFailed', message)
      throw new ImageError('ImageInspectError', message, SOON, { cause })
    })
    const usable = held !== undefined && (await this.#mayUse(pod, held.Id, parsed))
    if (held && usable && policy !== 'Always') {
      event(
        { pod, container },
        'Normal',
        'Pulled',
        `Container image ${quoted} already present on machine and can be accessed by the pod`,
      )
      return this.#factsOf(held)
    }
    if (policy === 'Never') {
      const message = held
        ? `Container image ${quoted} is present with pull policy of Never but does not have the proper credentials to access the image`
        : `Container image ${quoted} is not present with pull policy of Never`
      event({ pod, container }, 'Warning', 'ErrImageNeverPull', message)
      throw new ImageError('ErrImageNeverPull', message, LATER)
    }
    this.#checkBackoff(pod, container)
    return this.#factsOf(await this.#pull(pod, container, parsed, usable))
  }

  async #mayUse(pod: Pod, image: string, parsed: ImageReference): Promise<boolean> {
    const { records, verification } = this.#options
    const owners = ownersOf(await records.of(image, parsed.repository), verification)
    if (owners.everybody) return true
    const { found } = await this.#secretsOf(pod)
    const held = credentialsFor(parsed.repository, found).map(({ secret }) => secret)
    return isKnown(owners, held)
  }

  async #factsOf(image: ImageInspectInfo): Promise<ImageFacts> {
    const accounts = await this.#accounts.of(image)
    return { user: image.Config?.User ?? '', digest: image.RepoDigests?.[0], ...(accounts ? { accounts } : {}) }
  }

  #parse(pod: Pod, container: Container, reference: string): ImageReference {
    try {
      return parseImage(reference)
    } catch (cause) {
      const quoted = JSON.stringify(reference)
      const words = (cause as Error).message
      const message = `Failed to apply default image tag ${quoted}: couldn't parse image name ${quoted}: ${words}`
      this.#options.event({ pod, container }, 'Warning', 'InspectFailed', message)
      throw new ImageError('InvalidImageName', message, LATER, { cause })
    }
  }

  #checkBackoff(pod: Pod, container: Container): void {
    const waiting = this.#backoff.waiting(backoffKey(pod, container), this.#options.clock.monotonic())
    if (!waiting) return
    const words = `Back-off pulling image ${JSON.stringify(container.image)}`
    if (waiting.first) this.#options.event({ pod, container }, 'Normal', 'BackOff', words)
    throw new ImageError('ImagePullBackOff', `${words}: ErrImagePull: ${waiting.words}`, waiting.left)
  }

  async #pull(pod: Pod, container: Container, parsed: ImageReference, present: boolean): Promise<ImageInspectInfo> {
    const { event, clock } = this.#options
    const reference = container.image!
    const quoted = JSON.stringify(reference)
    const key = backoffKey(pod, container)
    event({ pod, container }, 'Normal', 'Pulling', `Pulling image ${quoted}`)
    const started = clock.monotonic()
    try {
      const pulled = await this.#fetch(pod, reference, parsed, present)
      const held = await this.#inspect(reference)
      if (!held) throw new Error(`the engine pulled ${quoted} and does not have it`)
      if (pulled !== 'kept') await this.#options.records.note(held.Id, parsed.repository, pulled.secret)
      this.#backoff.succeeded(key)
      const took = goDuration(clock.monotonic() - started)
      const words =
        pulled !== 'kept'
          ? `Successfully pulled image ${quoted} in ${took} (${took} including waiting). Image size: ${held.Size} bytes.`
          : `Container image ${quoted} already present on machine and can be accessed by the pod`
      event({ pod, container }, 'Normal', 'Pulled', words)
      return held
    } catch (cause) {
      const words = cause instanceof Error ? cause.message : String(cause)
      this.#backoff.failed(key, words, clock.monotonic())
      event({ pod, container }, 'Warning', 'Failed', `Failed to pull image ${quoted}: ${words}`)
      throw new ImageError('ErrImagePull', words, SOON, { cause })
    }
  }

  /** Pods that want the same image with the same rights at the same time share one fetch. */
  async #fetch(pod: Pod, reference: string, parsed: ImageReference, present: boolean): Promise<Pulled> {
    const credentials = credentialsFor(parsed.repository, await this.#secrets(pod))
    const key = JSON.stringify([reference, credentials, present])
    let running = this.#running.get(key)
    if (!running) {
      const { docker, fromDesktop } = this.#options
      const pulling = isCarried(reference)
        ? importCarried(docker, reference).then((): Pulled => ({ secret: undefined }))
        : pullImage({ docker, reference, tagged: isTagged(parsed), credentials, fromDesktop, present })
      running = pulling.finally(() => this.#running.delete(key))
      this.#running.set(key, running)
    }
    return running
  }

  /** The pod's pull secrets; one that is missing is told of and the pull is tried without (kubernetes.io, "Images: Using a private registry"). */
  async #secrets(pod: Pod): Promise<Secret[]> {
    const { found, missing } = await this.#secretsOf(pod)
    if (missing.length > 0) {
      const words = `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`
      // Of the pod, whichever container asks.
      this.#options.event({ pod }, 'Warning', 'FailedToRetrieveImagePullSecret', words)
    }
    return found
  }

  async #secretsOf(pod: Pod): Promise<{ found: Secret[]; missing: string[] }> {
    const names = (pod.spec.imagePullSecrets ?? []).flatMap(({ name }) => name ?? [])
    const secrets = await Promise.all(names.map((name) => this.#options.secret(pod.metadata.namespace ?? '', name)))
    return { found: secrets.filter((secret) => secret !== undefined), missing: names.filter((_, i) => !secrets[i]) }
  }

  async #inspect(reference: string): Promise<ImageInspectInfo | undefined> {
    try {
      return await this.#options.docker.getImage(reference).inspect()
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 404) return undefined
      throw error
    }
  }
}

const isTagged = ({ tag, digest }: ImageReference): boolean => tag !== undefined || digest !== undefined

const backoffKey = (pod: Pod, container: Container): string => `${pod.metadata.uid}_${container.image}`

/** A span as Go writes it, in whole milliseconds. */
function goDuration(milliseconds: number): string {
  const whole = Math.trunc(milliseconds)
  if (whole < 1000) return `${whole}ms`
  const minutes = Math.floor(whole / 60_000)
  const seconds = `${(whole % 60_000) / 1000}s`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}
