export { admitToWork, answerTooMany } from './admit.ts'
export { FlowControl } from './flow-control.ts'
export { dump, dumpPaths } from './dump.ts'
export { flowControlMetrics } from './metrics.ts'
