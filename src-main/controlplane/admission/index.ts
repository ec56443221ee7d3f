import { qualifiedResource } from '../../../src-kube/machinery/gvk.ts'
import type { KindDescriptor } from '../../../src-kube/kinds/descriptor.ts'
import type { Admission, AdmissionAttributes, AdmissionPlugin } from './admission.ts'

interface Chain {
  admit: readonly AdmissionPlugin[]
  validate: readonly AdmissionPlugin[]
}

/**
 * Runs the plugins in their order: all that mutate, later all that judge. The first refusal ends it. Which plugins are for a kind is
 * worked out once, so that what does not concern a request costs nothing.
 */
export function createAdmission(plugins: readonly AdmissionPlugin[]): Admission {
  const chains = new WeakMap<KindDescriptor, Chain>()
  const chainOf = (descriptor: KindDescriptor): Chain => {
    let chain = chains.get(descriptor)
    if (!chain) {
      const name = qualifiedResource(descriptor.group, descriptor.plural)
      const fit = plugins.filter((plugin) => plugin.resources?.includes(name) ?? true)
      chain = { admit: fit.filter((plugin) => plugin.admit), validate: fit.filter((plugin) => plugin.validate) }
      chains.set(descriptor, chain)
    }
    return chain
  }
  return {
    async admit(attributes: AdmissionAttributes) {
      for (const plugin of chainOf(attributes.descriptor).admit) {
        if (!plugin.handles(attributes)) continue
        const working = plugin.admit!(attributes)
        if (working) await working
      }
    },
    async validate(attributes: AdmissionAttributes) {
      for (const plugin of chainOf(attributes.descriptor).validate) {
        if (!plugin.handles(attributes)) continue
        const working = plugin.validate!(attributes)
        if (working) await working
      }
    },
  }
}
