import { qualifiedResource } from '../../../src-kube/machinery/gvk.ts'
import type { KindDescriptor } from '../../../src-kube/kinds/descriptor.ts'
import type { Admission, AdmissionAttributes, AdmissionPlugin } from './admission.ts'
import { AdmissionMetrics, type Step, type Times } from './metrics.ts'

type Chain = Record<Step, readonly Link[]>

/** One plugin in one step, and where its times are kept. */
interface Link {
  plugin: AdmissionPlugin
  times: Times
}

/**
 * Runs the plugins in their order: all that mutate, later all that judge. The first refusal ends it. Which plugins are for a kind is
 * worked out once, so that what does not concern a request costs nothing. What one plugin ends with is the beginning of the next: the clock is
 * read once a plugin.
 */
export function createAdmission(plugins: readonly AdmissionPlugin[], metrics = new AdmissionMetrics()): Admission {
  const links = (step: Step): Link[] =>
    plugins.filter((plugin) => plugin[step]).map((plugin) => ({ plugin, times: metrics.plugin(plugin.name, step) }))
  const all: Chain = { admit: links('admit'), validate: links('validate') }
  const steps = { admit: metrics.step('admit'), validate: metrics.step('validate') }
  const chains = new WeakMap<KindDescriptor, Chain>()
  const chainOf = (descriptor: KindDescriptor): Chain => {
    let chain = chains.get(descriptor)
    if (!chain) {
      const name = qualifiedResource(descriptor.group, descriptor.plural)
      const isFor = ({ plugin }: Link): boolean => plugin.resources?.includes(name) ?? true
      chain = { admit: all.admit.filter(isFor), validate: all.validate.filter(isFor) }
      chains.set(descriptor, chain)
    }
    return chain
  }
  const run = (step: Step, attributes: AdmissionAttributes): Promise<void> | undefined =>
    new Run(step, chainOf(attributes.descriptor)[step], steps[step], attributes).from(0)
  return {
    admit: (attributes) => run('admit', attributes),
    validate: (attributes) => run('validate', attributes),
  }
}

/** One request on its way through one step. */
class Run {
  readonly #step: Step
  readonly #links: readonly Link[]
  readonly #times: Times
  readonly #attributes: AdmissionAttributes
  readonly #began = performance.now()
  #last = this.#began

  constructor(step: Step, links: readonly Link[], times: Times, attributes: AdmissionAttributes) {
    this.#step = step
    this.#links = links
    this.#times = times
    this.#attributes = attributes
  }

  /** Goes on from a link; a promise from the first on that has to wait. */
  from(index: number): Promise<void> | undefined {
    for (let i = index; i < this.#links.length; i++) {
      const link = this.#links[i]!
      if (!link.plugin.handles(this.#attributes)) continue
      const work = this.#begin(link)
      if (work) return this.#after(work, link, i)
      this.#passed(link)
    }
    this.#times.passed(this.#attributes.operation, this.#last - this.#began)
    return undefined
  }

  #begin(link: Link): Promise<void> | void {
    try {
      return link.plugin[this.#step]!(this.#attributes)
    } catch (error) {
      throw this.#rejected(link, error)
    }
  }

  async #after(work: Promise<void>, link: Link, index: number): Promise<void> {
    try {
      await work
    } catch (error) {
      throw this.#rejected(link, error)
    }
    this.#passed(link)
    await this.from(index + 1)
  }

  #passed({ times }: Link): void {
    const now = performance.now()
    times.passed(this.#attributes.operation, now - this.#last)
    this.#last = now
  }

  #rejected({ times }: Link, error: unknown): unknown {
    const { operation } = this.#attributes
    const now = performance.now()
    times.rejected(operation, now - this.#last)
    this.#times.rejected(operation, now - this.#began)
    return error
  }
}
