import type { Admission } from '../admission/admission.ts'
import type { Core } from './context.ts'

const openAdmission: Admission = { admit: () => Promise.resolve(), validate: () => Promise.resolve() }
const made = new WeakMap<Core, Core>()

/**
 * A core whose writes admission does not see: for what a subresource changes after admission had its say on what was posted to it. A binding is
 * asked about as a Binding that is created, not as a change of its pod (kubernetes.io, "Dynamic Admission Control": `pods/binding`).
 */
export function unadmitted(core: Core): Core {
  let open = made.get(core)
  if (!open) made.set(core, (open = { ...core, admission: openAdmission }))
  return open
}
