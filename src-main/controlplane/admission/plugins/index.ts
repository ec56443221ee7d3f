import type { AdmissionPlugin, ObjectWatcher } from '../admission.ts'
import { defaultTolerationSeconds } from './default-toleration-seconds.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import { nodeRestriction } from './node-restriction.ts'
import { nodeTaint } from './node-taint.ts'
import { priority } from './priority.ts'
import { rbacEscalation, type HeldAccess } from './rbac-escalation.ts'
import { serviceAccount } from './service-account.ts'

/** In the order of kube-apiserver's own defaults (kubernetes.io, "Admission Controllers Reference"). */
export function defaultPlugins(options: { read: ObjectWatcher; held: HeldAccess }): AdmissionPlugin[] {
  const { read, held } = options
  return [
    namespaceLifecycle(read),
    serviceAccount(read),
    nodeRestriction(read),
    nodeTaint(),
    priority(read),
    defaultTolerationSeconds(),
    rbacEscalation(read, held),
  ]
}
