import type { Strategy } from '../strategy.ts'
import { priorityClassStrategy } from './classes.ts'
import { certificateSigningRequestStrategy, namespaceStrategy, nodeStrategy } from './cluster.ts'
import { configMapStrategy, secretStrategy } from './config.ts'
import { cronJobStrategy } from './cronjob.ts'
import { jobStrategy } from './job.ts'
import {
  bindingStrategy,
  budgetStrategy,
  claimStrategy,
  frozenFields,
  ingressStrategy,
  leaseStrategy,
  roleStrategy,
  volumeStrategy,
  withStatus,
} from './plain.ts'
import { endpointSliceStrategy, networkPolicyStrategy } from './network.ts'
import { podStrategy } from './pod/pod.ts'
import type { AllocationOptions } from './service/allocation.ts'
import { serviceStrategy } from './service/service.ts'
import { statefulSetMutable, workloadStrategy } from './workloads.ts'

/** Every kind's own behaviour, keyed `group/plural` (`/pods`, `apps/deployments`); a kind that is not here needs none. */
export function createStrategies(options: AllocationOptions): Map<string, Strategy> {
  const rbac = 'rbac.authorization.k8s.io'
  return new Map<string, Strategy>([
    ['/pods', podStrategy],
    ['/services', serviceStrategy(options)],
    ['/namespaces', namespaceStrategy],
    ['/nodes', nodeStrategy],
    ['/configmaps', configMapStrategy],
    ['/secrets', secretStrategy],
    ['/persistentvolumeclaims', claimStrategy],
    ['/persistentvolumes', volumeStrategy],
    ['/replicationcontrollers', withStatus(() => ({ replicas: 0 }))],
    ['/resourcequotas', withStatus(() => ({}))],
    // Endpoints and events have no status subresource and may be created by PUT.
    ['/endpoints', { allowCreateOnUpdate: true }],
    ['/events', { allowCreateOnUpdate: true }],
    ['/limitranges', { allowCreateOnUpdate: true }],
    ['apps/deployments', workloadStrategy('Deployment')],
    ['apps/replicasets', workloadStrategy('ReplicaSet')],
    ['apps/daemonsets', workloadStrategy('DaemonSet')],
    ['apps/statefulsets', workloadStrategy('StatefulSet', statefulSetMutable)],
    ['batch/jobs', jobStrategy],
    ['batch/cronjobs', cronJobStrategy],
    ['discovery.k8s.io/endpointslices', endpointSliceStrategy],
    ['networking.k8s.io/ingresses', ingressStrategy],
    ['networking.k8s.io/networkpolicies', networkPolicyStrategy],
    ['policy/poddisruptionbudgets', budgetStrategy],
    ['certificates.k8s.io/certificatesigningrequests', certificateSigningRequestStrategy],
    ['coordination.k8s.io/leases', leaseStrategy],
    ['scheduling.k8s.io/priorityclasses', priorityClassStrategy],
    ['storage.k8s.io/storageclasses', frozenFields('provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode')],
    [`${rbac}/roles`, roleStrategy],
    [`${rbac}/clusterroles`, roleStrategy],
    [`${rbac}/rolebindings`, bindingStrategy],
    [`${rbac}/clusterrolebindings`, bindingStrategy],
  ])
}
