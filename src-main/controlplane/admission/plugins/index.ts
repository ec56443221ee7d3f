import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import type { AdmissionPlugin, ObjectReader } from '../admission.ts'
import { defaultTolerationSeconds } from './default-toleration-seconds.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import { nodeRestriction } from './node-restriction.ts'
import { nodeTaint } from './node-taint.ts'
import { priority } from './priority.ts'
import { serviceAccount } from './service-account.ts'

/** In the order of kube-apiserver's own defaults (kubernetes.io, "Admission Controllers Reference"). */
export function defaultPlugins(options: { read: ObjectReader; clock: Clock }): AdmissionPlugin[] {
  const { read } = options
  return [
    namespaceLifecycle(read),
    serviceAccount(read),
    nodeRestriction(read),
    nodeTaint(),
    priority(read),
    defaultTolerationSeconds(),
  ]
}
