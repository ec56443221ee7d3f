export { containerUsage, controlGroupUsage, type ControlGroupUsage } from './control-group.ts'
export { createHost, type Host } from './host.ts'
export type { MachineFacts } from './machine-facts.ts'
export { mountsUnder } from './mounts.ts'
