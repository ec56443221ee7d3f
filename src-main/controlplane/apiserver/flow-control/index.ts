export { admitToWork, answerTooMany } from './admit.ts'
export { FlowControl, type Seats } from './flow-control.ts'
export { dump, dumpPaths } from './dump.ts'
export { flowControlMetrics } from './metrics.ts'
