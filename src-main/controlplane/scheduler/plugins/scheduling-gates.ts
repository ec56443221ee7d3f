import type { Plugin } from '../framework/plugin.ts'

/** A pod with scheduling gates is not considered until all are removed (KEP-3521). */
export const schedulingGates: Plugin = {
  name: 'SchedulingGates',
  preEnqueue({ pod }) {
    const gates = pod.spec.schedulingGates ?? []
    if (gates.length === 0) return undefined
    return `waiting for scheduling gates: [${gates.map(({ name }) => name).join(' ')}]`
  },
  mayHelp: (event, { uid }) => event.resource === 'pod' && event.pod.metadata.uid === uid,
}
