import type { Ingress } from '#types/networking.k8s.io/v1'
import { objectKey } from '../src-kube/machinery/meta.ts'
import type { Configuration } from './host/configuration.ts'
import type { NamesServer } from './host/names-server.ts'
import { RefusedConfiguration } from './host/nginx.ts'
import { buildModel, type Sources } from './plan/build-model.ts'
import type { Problem } from './plan/model.ts'
import { namesOf } from './plan/names.ts'
import { render, type RenderOptions } from './plan/render.ts'

/** What came of bringing nginx up to date once. */
export interface SyncResult {
  /** Those whose paths nginx serves now. */
  routed: readonly Ingress[]
  problems: readonly Problem[]
  /** nginx was given another configuration. */
  changed: boolean
  /** Why nginx still runs with an older one. */
  refusal?: string | undefined
}

/**
 * Brings the Ingresses of a moment into nginx. When nginx refuses the whole, each is tried by itself, those that it refuses are left out and told of; what it
 * refused is remembered until it is another.
 */
export class Sync {
  readonly #configuration: Pick<Configuration, 'apply' | 'test'>
  readonly #names: Pick<NamesServer, 'set'>
  /** By uid: the version that was refused, and why. */
  readonly #refused = new Map<string, { version: string; words: string }>()

  constructor(configuration: Pick<Configuration, 'apply' | 'test'>, names: Pick<NamesServer, 'set'>) {
    this.#configuration = configuration
    this.#names = names
  }

  async run(sources: Sources, options: RenderOptions): Promise<SyncResult> {
    this.#forget(sources.ingresses)
    try {
      return await this.#apply(sources, options)
    } catch (error) {
      if (!(error instanceof RefusedConfiguration)) throw error
      const found = await this.#search(sources, options)
      if (!found) return { routed: [], problems: this.#problems(sources), changed: false, refusal: error.message }
    }
    try {
      return await this.#apply(sources, options)
    } catch (error) {
      if (!(error instanceof RefusedConfiguration)) throw error
      return { routed: [], problems: this.#problems(sources), changed: false, refusal: error.message }
    }
  }

  async #apply(sources: Sources, options: RenderOptions): Promise<SyncResult> {
    const ingresses = sources.ingresses.filter((one) => !this.#isRefused(one))
    const model = buildModel({ ...sources, ingresses })
    // Also when nginx refuses the rest: those that it has routed so far follow their pods.
    this.#names.set(namesOf(model))
    const changed = await this.#configuration.apply(render(model, options), model.files)
    return { routed: ingresses, problems: [...model.problems, ...this.#problems(sources)], changed }
  }

  /** Whether some Ingress is refused by itself. */
  async #search(sources: Sources, options: RenderOptions): Promise<boolean> {
    let found = false
    for (const ingress of sources.ingresses) {
      if (this.#isRefused(ingress)) continue
      const model = buildModel({ ...sources, ingresses: [ingress] })
      try {
        await this.#configuration.test(render(model, options), model.files)
      } catch (error) {
        if (!(error instanceof RefusedConfiguration)) throw error
        const { uid, resourceVersion: version } = ingress.metadata
        this.#refused.set(uid, { version, words: error.message })
        found = true
      }
    }
    return found
  }

  #isRefused({ metadata: { uid, resourceVersion } }: Ingress): boolean {
    return this.#refused.get(uid)?.version === resourceVersion
  }

  #problems({ ingresses }: Sources): Problem[] {
    return ingresses
      .filter((one) => this.#isRefused(one))
      .map((ingress) => {
        const message = `nginx refuses ${objectKey(ingress)}: ${this.#refused.get(ingress.metadata.uid)?.words ?? ''}`
        return { ingress, reason: 'Rejected', message }
      })
  }

  #forget(ingresses: readonly Ingress[]): void {
    const present = new Set(ingresses.map(({ metadata }) => metadata.uid))
    for (const uid of this.#refused.keys()) if (!present.has(uid)) this.#refused.delete(uid)
  }
}
