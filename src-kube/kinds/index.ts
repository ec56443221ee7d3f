import {
  mutatingAdmissionPolicy,
  mutatingAdmissionPolicyBinding,
  validatingAdmissionPolicy,
  validatingAdmissionPolicyBinding,
} from './admissionregistration/policies.ts'
import { mutatingWebhookConfiguration, validatingWebhookConfiguration } from './admissionregistration/webhooks.ts'
import { customResourceDefinition } from './apiextensions/custom-resource-definition.ts'
import { apiService } from './apiregistration/api-service.ts'
import { daemonSet } from './apps/daemon-set.ts'
import { deployment } from './apps/deployment.ts'
import { replicaSet } from './apps/replica-set.ts'
import { controllerRevision, statefulSet } from './apps/stateful-set.ts'
import { horizontalPodAutoscaler } from './autoscaling/horizontal-pod-autoscaler.ts'
import { cronJob, job } from './batch/job.ts'
import { certificateSigningRequest } from './certificates/certificate-signing-request.ts'
import { clusterTrustBundle } from './certificates/cluster-trust-bundle.ts'
import { podCertificateRequest } from './certificates/pod-certificate-request.ts'
import { lease } from './coordination/lease.ts'
import { configMap, secret, serviceAccount } from './core/config.ts'
import { endpoints } from './core/endpoints.ts'
import { event } from './core/event.ts'
import { limitRange, resourceQuota } from './core/limits.ts'
import { namespace } from './core/namespace.ts'
import { node } from './core/node.ts'
import { pod } from './core/pod.ts'
import { service } from './core/service.ts'
import { persistentVolume, persistentVolumeClaim } from './core/volume.ts'
import { podTemplate, replicationController } from './core/workload.ts'
import type { KindDescriptor } from './descriptor.ts'
import { endpointSlice } from './discovery/endpoint-slice.ts'
import { flowSchema, priorityLevelConfiguration } from './flowcontrol/flowcontrol.ts'
import { ipAddress, serviceCidr } from './networking/addresses.ts'
import { ingress, ingressClass } from './networking/ingress.ts'
import { networkPolicy } from './networking/network-policy.ts'
import { runtimeClass } from './node/runtime-class.ts'
import { podDisruptionBudget } from './policy/pod-disruption-budget.ts'
import { clusterRoleBinding, roleBinding } from './rbac/bindings.ts'
import { clusterRole, role } from './rbac/roles.ts'
import { deviceClass, resourceClaim, resourceClaimTemplate, resourceSlice } from './resource/claims.ts'
import { priorityClass } from './scheduling/priority-class.ts'
import { csiDriver, csiNode, storageClass } from './storage/classes.ts'
import { csiStorageCapacity } from './storage/csi-storage-capacity.ts'
import { volumeAttachment } from './storage/volume-attachment.ts'
import { volumeAttributesClass } from './storage/volume-attributes-class.ts'

/** Every built-in kind: the core group first, then the others as discovery lists them. */
export const kinds: readonly KindDescriptor[] = [
  configMap,
  endpoints,
  event,
  limitRange,
  namespace,
  node,
  persistentVolumeClaim,
  persistentVolume,
  pod,
  podTemplate,
  replicationController,
  resourceQuota,
  secret,
  serviceAccount,
  service,
  apiService,
  controllerRevision,
  daemonSet,
  deployment,
  replicaSet,
  statefulSet,
  horizontalPodAutoscaler,
  cronJob,
  job,
  certificateSigningRequest,
  clusterTrustBundle,
  podCertificateRequest,
  ingressClass,
  ingress,
  ipAddress,
  networkPolicy,
  serviceCidr,
  podDisruptionBudget,
  clusterRoleBinding,
  clusterRole,
  roleBinding,
  role,
  csiDriver,
  csiNode,
  csiStorageCapacity,
  storageClass,
  volumeAttachment,
  volumeAttributesClass,
  customResourceDefinition,
  mutatingAdmissionPolicy,
  mutatingAdmissionPolicyBinding,
  mutatingWebhookConfiguration,
  validatingAdmissionPolicy,
  validatingAdmissionPolicyBinding,
  validatingWebhookConfiguration,
  priorityClass,
  lease,
  runtimeClass,
  endpointSlice,
  flowSchema,
  priorityLevelConfiguration,
  deviceClass,
  resourceClaim,
  resourceClaimTemplate,
  resourceSlice,
]

/**
 * Groups of {@link kinds} and of reviews as discovery lists them, by upstream's priorities, the core group left out. The first that serves a
 * name wins it in kubectl.
 */
export const groupOrder: readonly string[] = [
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'resource.k8s.io',
  'extensions',
]

const byKind = new Map<string, KindDescriptor>()
const byResource = new Map<string, KindDescriptor>()
for (const descriptor of kinds) {
  for (const { group } of descriptor.served) {
    byKind.set(`${group}/${descriptor.kind}`, descriptor)
    byResource.set(`${group}/${descriptor.plural}`, descriptor)
  }
}

/** The kind as any group serves it: `findKind('extensions', 'Deployment')` is the Deployment of `apps`. */
export function findKind(group: string, kind: string): KindDescriptor | undefined {
  return byKind.get(`${group}/${kind}`)
}

/** A built-in kind by its group (`` for core) and plural; custom kinds are known to the registry alone. */
export function findResource(group: string, plural: string): KindDescriptor | undefined {
  return byResource.get(`${group}/${plural}`)
}
