import type { Admission, AdmissionAttributes, AdmissionPlugin } from './admission.ts'

/** Runs the plugins in their order: all that mutate, later all that judge. The first refusal ends it. */
export function createAdmission(plugins: readonly AdmissionPlugin[]): Admission {
  const mutating = plugins.filter((plugin) => plugin.admit)
  const judging = plugins.filter((plugin) => plugin.validate)
  return {
    async admit(attributes: AdmissionAttributes) {
      for (const plugin of mutating) if (plugin.handles(attributes)) await plugin.admit!(attributes)
    },
    async validate(attributes: AdmissionAttributes) {
      for (const plugin of judging) if (plugin.handles(attributes)) await plugin.validate!(attributes)
    },
  }
}
