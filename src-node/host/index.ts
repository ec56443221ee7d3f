export { controlGroupUsage, type ControlGroupUsage } from './control-group.ts'
export { createHost, type Host, type MachineFacts } from './host.ts'
export { mountsUnder } from './mounts.ts'
