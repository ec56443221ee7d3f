import type { Strategy } from '../strategy.ts'
import { apiServiceStrategy } from './api-service.ts'
import { autoscalerStrategy } from './autoscaler.ts'
import {
  priorityClassStrategy,
  runtimeClassStrategy,
  storageClassStrategy,
  volumeAttributesClassStrategy,
} from './classes.ts'
import { certificateSigningRequestStrategy } from './certificate-request.ts'
import { podCertificateRequestStrategy } from './certificates/pod-certificate-request.ts'
import { clusterTrustBundleStrategy } from './certificates/trust-bundle.ts'
import { namespaceStrategy, nodeStrategy } from './cluster.ts'
import { conditional, creatable } from './conditional.ts'
import { eventStrategy } from './event.ts'
import { configMapStrategy, secretStrategy } from './config.ts'
import { crdStrategy } from './crd/crd.ts'
import { cronJobStrategy } from './cronjob.ts'
import { csiDriverStrategy, csiNodeStrategy, csiStorageCapacityStrategy, volumeAttachmentStrategy } from './csi.ts'
import { resourceClaimStrategy, resourceClaimTemplateStrategy } from './devices/claims.ts'
import { deviceClassStrategy, resourceSliceStrategy } from './devices/cluster.ts'
import { endpointSliceStrategy } from './endpoint-slice.ts'
import { endpointsStrategy } from './endpoints.ts'
import { flowSchemaStrategy, priorityLevelStrategy } from './flow-control.ts'
import { ingressClassStrategy, ingressStrategy } from './ingress.ts'
import { ipAddressStrategy } from './ip-address.ts'
import { jobStrategy } from './job.ts'
import { limitRangeStrategy } from './limit-range.ts'
import { budgetStrategy, claimStrategy, leaseStrategy, volumeStrategy } from './plain.ts'
import { bindingStrategy, roleStrategy } from './rbac.ts'
import { networkPolicyStrategy } from './network.ts'
import { podStrategy } from './pod/pod.ts'
import { mutatingPolicyStrategy, policyBindingStrategy, validatingPolicyStrategy } from './policies.ts'
import { resourceQuotaStrategy } from './quota.ts'
import { replicationControllerStrategy } from './replication-controller.ts'
import { type AllocationOptions, ServiceAllocation } from './service/allocation.ts'
import { serviceStrategy } from './service/service.ts'
import { serviceCidrStrategy } from './service-cidr.ts'
import { controllerRevisionStrategy, podTemplateStrategy } from './templates.ts'
import { webhooksStrategy } from './webhooks.ts'
import { statefulSetMutable, workloadStrategy } from './workloads.ts'

const RBAC = 'rbac.authorization.k8s.io'

/** Kinds whose behaviour needs nothing of the cluster. */
const strategies: ReadonlyArray<readonly [kind: string, strategy: Strategy]> = [
  ['/pods', podStrategy],
  ['/namespaces', namespaceStrategy],
  ['/nodes', nodeStrategy],
  ['/configmaps', configMapStrategy],
  ['/secrets', secretStrategy],
  ['/persistentvolumeclaims', claimStrategy],
  ['/persistentvolumes', volumeStrategy],
  ['/replicationcontrollers', replicationControllerStrategy],
  ['/resourcequotas', resourceQuotaStrategy],
  ['/endpoints', endpointsStrategy],
  ['/events', eventStrategy],
  ['/limitranges', limitRangeStrategy],
  ['apps/deployments', workloadStrategy('Deployment')],
  ['apps/replicasets', workloadStrategy('ReplicaSet')],
  ['apps/daemonsets', workloadStrategy('DaemonSet')],
  ['apps/statefulsets', workloadStrategy('StatefulSet', statefulSetMutable)],
  ['apiextensions.k8s.io/customresourcedefinitions', crdStrategy],
  ['batch/jobs', jobStrategy],
  ['batch/cronjobs', cronJobStrategy],
  ['discovery.k8s.io/endpointslices', endpointSliceStrategy],
  ['networking.k8s.io/ingresses', ingressStrategy],
  ['networking.k8s.io/networkpolicies', networkPolicyStrategy],
  ['policy/poddisruptionbudgets', budgetStrategy],
  ['certificates.k8s.io/certificatesigningrequests', certificateSigningRequestStrategy],
  ['certificates.k8s.io/clustertrustbundles', clusterTrustBundleStrategy],
  ['certificates.k8s.io/podcertificaterequests', podCertificateRequestStrategy],
  ['coordination.k8s.io/leases', leaseStrategy],
  ['scheduling.k8s.io/priorityclasses', priorityClassStrategy],
  ['autoscaling/horizontalpodautoscalers', autoscalerStrategy],
  ['networking.k8s.io/ingressclasses', ingressClassStrategy],
  ['node.k8s.io/runtimeclasses', runtimeClassStrategy],
  ['storage.k8s.io/volumeattributesclasses', volumeAttributesClassStrategy],
  ['storage.k8s.io/storageclasses', storageClassStrategy],
  ['admissionregistration.k8s.io/mutatingwebhookconfigurations', webhooksStrategy],
  ['admissionregistration.k8s.io/validatingwebhookconfigurations', webhooksStrategy],
  ['admissionregistration.k8s.io/mutatingadmissionpolicies', mutatingPolicyStrategy],
  ['admissionregistration.k8s.io/validatingadmissionpolicies', validatingPolicyStrategy],
  ['admissionregistration.k8s.io/validatingadmissionpolicybindings', policyBindingStrategy],
  ['admissionregistration.k8s.io/mutatingadmissionpolicybindings', policyBindingStrategy],
  ['apiregistration.k8s.io/apiservices', apiServiceStrategy],
  ['/podtemplates', podTemplateStrategy],
  ['apps/controllerrevisions', controllerRevisionStrategy],
  ['storage.k8s.io/csidrivers', csiDriverStrategy],
  ['storage.k8s.io/csinodes', csiNodeStrategy],
  ['storage.k8s.io/csistoragecapacities', csiStorageCapacityStrategy],
  ['storage.k8s.io/volumeattachments', volumeAttachmentStrategy],
  ['flowcontrol.apiserver.k8s.io/flowschemas', flowSchemaStrategy],
  ['flowcontrol.apiserver.k8s.io/prioritylevelconfigurations', priorityLevelStrategy],
  ['resource.k8s.io/resourceclaims', resourceClaimStrategy],
  ['resource.k8s.io/resourceclaimtemplates', resourceClaimTemplateStrategy],
  ['resource.k8s.io/deviceclasses', deviceClassStrategy],
  ['resource.k8s.io/resourceslices', resourceSliceStrategy],
  ['networking.k8s.io/servicecidrs', serviceCidrStrategy],
  [`${RBAC}/roles`, roleStrategy],
  [`${RBAC}/clusterroles`, roleStrategy],
  [`${RBAC}/rolebindings`, bindingStrategy],
  [`${RBAC}/clusterrolebindings`, bindingStrategy],
]

/** Every kind's own behaviour, keyed `group/plural` (`/pods`, `apps/deployments`); a kind that is not here needs none. */
export function createStrategies(options: AllocationOptions): Map<string, Strategy> {
  const allocation = new ServiceAllocation(options)
  const all = new Map<string, Strategy>([
    ...strategies,
    ['/services', serviceStrategy(allocation)],
    ['networking.k8s.io/ipaddresses', ipAddressStrategy(allocation)],
  ])
  for (const kind of conditional) all.set(kind, { ...all.get(kind), allowUnconditionalUpdate: false })
  for (const kind of creatable) all.set(kind, { ...all.get(kind), allowCreateOnUpdate: true })
  return all
}
