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
  const run = async (step: Step, attributes: AdmissionAttributes): Promise<void> => {
    const { operation } = attributes
    const began = performance.now()
    let last = began
    let working: Link | undefined
    try {
      for (const link of chainOf(attributes.descriptor)[step]) {
        if (!link.plugin.handles(attributes)) continue
        working = link
        const work = link.plugin[step]!(attributes)
        if (work) await work
        const now = performance.now()
        link.times.passed(operation, now - last)
        last = now
      }
      steps[step].passed(operation, last - began)
    } catch (error) {
      const now = performance.now()
      working?.times.rejected(operation, now - last)
      steps[step].rejected(operation, now - began)
      throw error
    }
  }
  return {
    admit: (attributes) => run('admit', attributes),
    validate: (attributes) => run('validate', attributes),
  }
}
