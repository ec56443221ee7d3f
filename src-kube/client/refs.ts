import type { ValidatingAdmissionPolicy } from '#types/admissionregistration.k8s.io/v1'
import type { APIService } from '#types/apiregistration.k8s.io/v1'
import type { ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet } from '#types/apps/v1'
import type { CronJob, Job } from '#types/batch/v1'
import type { CertificateSigningRequest } from '#types/certificates.k8s.io/v1'
import type { ClusterTrustBundle, PodCertificateRequest } from '#types/certificates.k8s.io/v1beta1'
import type { Lease } from '#types/coordination.k8s.io/v1'
import type {
  ConfigMap,
  Endpoints,
  Event,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ReplicationController,
  ResourceQuota,
  Secret,
  Service,
  ServiceAccount,
} from '#types/core/v1'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import type { Event as EventV1 } from '#types/events.k8s.io/v1'
import type { FlowSchema, PriorityLevelConfiguration } from '#types/flowcontrol.apiserver.k8s.io/v1'
import type { Ingress, IngressClass, IPAddress, NetworkPolicy, ServiceCIDR } from '#types/networking.k8s.io/v1'
import type { PodDisruptionBudget } from '#types/policy/v1'
import type { DeviceClass, ResourceClaim, ResourceClaimTemplate, ResourceSlice } from '#types/resource.k8s.io/v1'
import type { ClusterRole, ClusterRoleBinding } from '#types/rbac.authorization.k8s.io/v1'
import type { PriorityClass } from '#types/scheduling.k8s.io/v1'
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  StorageClass,
  VolumeAttachment,
  VolumeAttributesClass,
} from '#types/storage.k8s.io/v1'
import type { CustomResourceDefinition } from '#types/apiextensions.k8s.io/v1'
import type { ObjectLike } from '../machinery/meta.ts'
import type { TypedRef } from './typed-client.ts'

function ref<T extends ObjectLike>(
  group: string,
  resource: string,
  kind: string,
  namespaced = true,
  version = 'v1',
): TypedRef<T> {
  return { group, version, resource, kind, namespaced }
}

const cluster = false

/** The resources that components ask for by name, with the types of their objects. */
export const refs = {
  apiServices: ref<APIService>('apiregistration.k8s.io', 'apiservices', 'APIService', cluster),
  clusterRoleBindings: ref<ClusterRoleBinding>(
    'rbac.authorization.k8s.io',
    'clusterrolebindings',
    'ClusterRoleBinding',
    cluster,
  ),
  clusterRoles: ref<ClusterRole>('rbac.authorization.k8s.io', 'clusterroles', 'ClusterRole', cluster),
  configMaps: ref<ConfigMap>('', 'configmaps', 'ConfigMap'),
  controllerRevisions: ref<ControllerRevision>('apps', 'controllerrevisions', 'ControllerRevision'),
  cronJobs: ref<CronJob>('batch', 'cronjobs', 'CronJob'),
  certificateSigningRequests: ref<CertificateSigningRequest>(
    'certificates.k8s.io',
    'certificatesigningrequests',
    'CertificateSigningRequest',
    cluster,
  ),
  clusterTrustBundles: ref<ClusterTrustBundle>(
    'certificates.k8s.io',
    'clustertrustbundles',
    'ClusterTrustBundle',
    cluster,
    'v1beta1',
  ),
  csiDrivers: ref<CSIDriver>('storage.k8s.io', 'csidrivers', 'CSIDriver', cluster),
  csiStorageCapacities: ref<CSIStorageCapacity>('storage.k8s.io', 'csistoragecapacities', 'CSIStorageCapacity'),
  csiNodes: ref<CSINode>('storage.k8s.io', 'csinodes', 'CSINode', cluster),
  customResourceDefinitions: ref<CustomResourceDefinition>(
    'apiextensions.k8s.io',
    'customresourcedefinitions',
    'CustomResourceDefinition',
    cluster,
  ),
  deviceClasses: ref<DeviceClass>('resource.k8s.io', 'deviceclasses', 'DeviceClass', cluster),
  daemonSets: ref<DaemonSet>('apps', 'daemonsets', 'DaemonSet'),
  deployments: ref<Deployment>('apps', 'deployments', 'Deployment'),
  endpoints: ref<Endpoints>('', 'endpoints', 'Endpoints'),
  endpointSlices: ref<EndpointSlice>('discovery.k8s.io', 'endpointslices', 'EndpointSlice'),
  events: ref<Event>('', 'events', 'Event'),
  eventsV1: ref<EventV1>('events.k8s.io', 'events', 'Event'),
  flowSchemas: ref<FlowSchema>('flowcontrol.apiserver.k8s.io', 'flowschemas', 'FlowSchema', cluster),
  priorityLevels: ref<PriorityLevelConfiguration>(
    'flowcontrol.apiserver.k8s.io',
    'prioritylevelconfigurations',
    'PriorityLevelConfiguration',
    cluster,
  ),
  ingressClasses: ref<IngressClass>('networking.k8s.io', 'ingressclasses', 'IngressClass', cluster),
  ingresses: ref<Ingress>('networking.k8s.io', 'ingresses', 'Ingress'),
  ipAddresses: ref<IPAddress>('networking.k8s.io', 'ipaddresses', 'IPAddress', cluster),
  jobs: ref<Job>('batch', 'jobs', 'Job'),
  leases: ref<Lease>('coordination.k8s.io', 'leases', 'Lease'),
  namespaces: ref<Namespace>('', 'namespaces', 'Namespace', cluster),
  networkPolicies: ref<NetworkPolicy>('networking.k8s.io', 'networkpolicies', 'NetworkPolicy'),
  nodes: ref<Node>('', 'nodes', 'Node', cluster),
  persistentVolumeClaims: ref<PersistentVolumeClaim>('', 'persistentvolumeclaims', 'PersistentVolumeClaim'),
  persistentVolumes: ref<PersistentVolume>('', 'persistentvolumes', 'PersistentVolume', cluster),
  podCertificateRequests: ref<PodCertificateRequest>(
    'certificates.k8s.io',
    'podcertificaterequests',
    'PodCertificateRequest',
    true,
    'v1beta1',
  ),
  podDisruptionBudgets: ref<PodDisruptionBudget>('policy', 'poddisruptionbudgets', 'PodDisruptionBudget'),
  pods: ref<Pod>('', 'pods', 'Pod'),
  priorityClasses: ref<PriorityClass>('scheduling.k8s.io', 'priorityclasses', 'PriorityClass', cluster),
  replicaSets: ref<ReplicaSet>('apps', 'replicasets', 'ReplicaSet'),
  replicationControllers: ref<ReplicationController>('', 'replicationcontrollers', 'ReplicationController'),
  resourceClaims: ref<ResourceClaim>('resource.k8s.io', 'resourceclaims', 'ResourceClaim'),
  resourceClaimTemplates: ref<ResourceClaimTemplate>(
    'resource.k8s.io',
    'resourceclaimtemplates',
    'ResourceClaimTemplate',
  ),
  resourceSlices: ref<ResourceSlice>('resource.k8s.io', 'resourceslices', 'ResourceSlice', cluster),
  resourceQuotas: ref<ResourceQuota>('', 'resourcequotas', 'ResourceQuota'),
  secrets: ref<Secret>('', 'secrets', 'Secret'),
  serviceAccounts: ref<ServiceAccount>('', 'serviceaccounts', 'ServiceAccount'),
  serviceCidrs: ref<ServiceCIDR>('networking.k8s.io', 'servicecidrs', 'ServiceCIDR', cluster),
  services: ref<Service>('', 'services', 'Service'),
  statefulSets: ref<StatefulSet>('apps', 'statefulsets', 'StatefulSet'),
  storageClasses: ref<StorageClass>('storage.k8s.io', 'storageclasses', 'StorageClass', cluster),
  validatingAdmissionPolicies: ref<ValidatingAdmissionPolicy>(
    'admissionregistration.k8s.io',
    'validatingadmissionpolicies',
    'ValidatingAdmissionPolicy',
    cluster,
  ),
  volumeAttributesClasses: ref<VolumeAttributesClass>(
    'storage.k8s.io',
    'volumeattributesclasses',
    'VolumeAttributesClass',
    cluster,
  ),
  volumeAttachments: ref<VolumeAttachment>('storage.k8s.io', 'volumeattachments', 'VolumeAttachment', cluster),
}
