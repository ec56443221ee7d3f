import type Docker from 'dockerode'
import type { Readable } from 'node:stream'
import type { Container, Pod } from '#types/core/v1'

export interface ImagesOptions {
  docker: Docker
  /** `docker save` of an image of the desktop's engine; undefined when it has none. */
  fromDesktop(reference: string): Promise<Readable | undefined>
  event(pod: Pod, container: Container, type: 'Normal' | 'Warning', reason: string, message: string): void
}

/** What a container takes over from its image. */
export interface ImageFacts {
  /** Name or number, with or without a group; empty for root. */
  user: string
}

/** An image that cannot be had, in the words of the container's waiting state. */
export class ImageError extends Error {
  override readonly name = 'ImageError'
  readonly reason: string
  constructor(reason: string, message: string) {
    super(message)
    this.reason = reason
  }
}

const PAUSE = 'drydock/pause:1'

/** Puts images on the node: what is there, a registry, the desktop's own engine, in the order the pull policy asks for. */
export class Images {
  readonly #options: ImagesOptions
  readonly #running = new Map<string, Promise<void>>()

  constructor(options: ImagesOptions) {
    this.#options = options
  }

  /** The image of every sandbox; a fresh engine gets it from the node's own file system. */
  async ensurePause(): Promise<string> {
    if (!(await this.#has(PAUSE))) {
      const changes = ['ENTRYPOINT ["/pause","-P"]']
      const importing = this.#options.docker.importImage('/usr/share/drydock/pause.tar', {
        repo: 'drydock/pause',
        tag: '1',
        changes,
      })
      await this.#finished((await (importing as unknown as Promise<NodeJS.ReadableStream>)) as NodeJS.ReadableStream)
    }
    return PAUSE
  }

  /** The image on the node; throws `ImageError` when it cannot be had. */
  async ensure(pod: Pod, container: Container): Promise<ImageFacts> {
    await this.#ensure(pod, container)
    const { Config } = await this.#options.docker.getImage(container.image ?? '').inspect()
    return { user: Config.User }
  }

  async #ensure(pod: Pod, container: Container): Promise<void> {
    const reference = container.image ?? ''
    const policy = container.imagePullPolicy ?? 'IfNotPresent'
    const { event } = this.#options
    if (!/^[a-zA-Z0-9][\w.\-/:@]*$/.test(reference)) {
      throw new ImageError(
        'InvalidImageName',
        `Failed to apply default image tag ${JSON.stringify(reference)}: couldn't parse image name`,
      )
    }
    const present = await this.#has(reference)
    if (present && policy !== 'Always') {
      event(
        pod,
        container,
        'Normal',
        'Pulled',
        `Container image ${JSON.stringify(reference)} already present on machine`,
      )
      return
    }
    if (!present && policy === 'Never') {
      throw new ImageError(
        'ErrImageNeverPull',
        `Container image ${JSON.stringify(reference)} is not present with pull policy of Never`,
      )
    }
    event(pod, container, 'Normal', 'Pulling', `Pulling image ${JSON.stringify(reference)}`)
    const started = performance.now()
    const words = await this.#once(reference, () => this.#fetch(reference, present))
    const seconds = ((performance.now() - started) / 1000).toFixed(3)
    event(
      pod,
      container,
      'Normal',
      'Pulled',
      `Successfully pulled image ${JSON.stringify(reference)} in ${seconds}s${words}`,
    )
  }

  async #has(reference: string): Promise<boolean> {
    try {
      await this.#options.docker.getImage(reference).inspect()
      return true
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 404) return false
      throw error
    }
  }

  /** Pods that want the same image at the same time share one fetch. */
  async #once(reference: string, fetch: () => Promise<void>): Promise<string> {
    let running = this.#running.get(reference)
    if (!running) {
      running = fetch().finally(() => this.#running.delete(reference))
      this.#running.set(reference, running)
    }
    await running
    return ''
  }

  async #fetch(reference: string, present: boolean): Promise<void> {
    try {
      const tagged = /[:@][^/]*$/.test(reference) ? reference : `${reference}:latest`
      await this.#finished((await this.#options.docker.pull(tagged)) as NodeJS.ReadableStream)
      return
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      const loaded = await this.#loadFromDesktop(reference).catch((cause: unknown) => {
        throw new ImageError(
          'ErrImagePull',
          `failed to pull image ${JSON.stringify(reference)}: ${words}; asking the desktop failed too: ${String(cause)}`,
        )
      })
      if (loaded || present) return
      throw new ImageError(
        'ErrImagePull',
        `failed to pull image ${JSON.stringify(reference)}: ${words}; the desktop's Docker does not have it either`,
      )
    }
  }

  async #loadFromDesktop(reference: string): Promise<boolean> {
    const archive = await this.#options.fromDesktop(reference)
    if (!archive) return false
    await this.#finished((await this.#options.docker.loadImage(archive)) as NodeJS.ReadableStream)
    return this.#has(reference)
  }

  #finished(stream: NodeJS.ReadableStream): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#options.docker.modem.followProgress(stream, (error: Error | null) => (error ? reject(error) : resolve()))
    })
  }
}
