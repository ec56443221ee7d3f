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

/** A resource whose objects are in namespaces. */
function ref<T extends ObjectLike>(group: string, resource: string, kind: string, version = 'v1'): TypedRef<T> {
  return { group, version, resource, kind, namespaced: true }
}

/** A resource of the whole cluster. */
function clusterRef<T extends ObjectLike>(...names: Parameters<typeof ref>): TypedRef<T> {
  return { ...ref<T>(...names), namespaced: false }
}

/** The resources that components ask for by name, with the types of their objects. */
export const refs = {
  apiServices: clusterRef<APIService>('apiregistration.k8s.io', 'apiservices', 'APIService'),
  clusterRoleBindings: clusterRef<ClusterRoleBinding>(
    'rbac.authorization.k8s.io',
    'clusterrolebindings',
    'ClusterRoleBinding',
  ),
  clusterRoles: clusterRef<ClusterRole>('rbac.authorization.k8s.io', 'clusterroles', 'ClusterRole'),
  configMaps: ref<ConfigMap>('', 'configmaps', 'ConfigMap'),
  controllerRevisions: ref<ControllerRevision>('apps', 'controllerrevisions', 'ControllerRevision'),
  cronJobs: ref<CronJob>('batch', 'cronjobs', 'CronJob'),
  certificateSigningRequests: clusterRef<CertificateSigningRequest>(
    'certificates.k8s.io',
    'certificatesigningrequests',
    'CertificateSigningRequest',
  ),
  clusterTrustBundles: clusterRef<ClusterTrustBundle>(
    'certificates.k8s.io',
    'clustertrustbundles',
    'ClusterTrustBundle',
    'v1beta1',
  ),
  csiDrivers: clusterRef<CSIDriver>('storage.k8s.io', 'csidrivers', 'CSIDriver'),
  csiStorageCapacities: ref<CSIStorageCapacity>('storage.k8s.io', 'csistoragecapacities', 'CSIStorageCapacity'),
  csiNodes: clusterRef<CSINode>('storage.k8s.io', 'csinodes', 'CSINode'),
  customResourceDefinitions: clusterRef<CustomResourceDefinition>(
    'apiextensions.k8s.io',
    'customresourcedefinitions',
    'CustomResourceDefinition',
  ),
  deviceClasses: clusterRef<DeviceClass>('resource.k8s.io', 'deviceclasses', 'DeviceClass'),
  daemonSets: ref<DaemonSet>('apps', 'daemonsets', 'DaemonSet'),
  deployments: ref<Deployment>('apps', 'deployments', 'Deployment'),
  endpoints: ref<Endpoints>('', 'endpoints', 'Endpoints'),
  endpointSlices: ref<EndpointSlice>('discovery.k8s.io', 'endpointslices', 'EndpointSlice'),
  events: ref<Event>('', 'events', 'Event'),
  eventsV1: ref<EventV1>('events.k8s.io', 'events', 'Event'),
  flowSchemas: clusterRef<FlowSchema>('flowcontrol.apiserver.k8s.io', 'flowschemas', 'FlowSchema'),
  priorityLevels: clusterRef<PriorityLevelConfiguration>(
    'flowcontrol.apiserver.k8s.io',
    'prioritylevelconfigurations',
    'PriorityLevelConfiguration',
  ),
  ingressClasses: clusterRef<IngressClass>('networking.k8s.io', 'ingressclasses', 'IngressClass'),
  ingresses: ref<Ingress>('networking.k8s.io', 'ingresses', 'Ingress'),
  ipAddresses: clusterRef<IPAddress>('networking.k8s.io', 'ipaddresses', 'IPAddress'),
  jobs: ref<Job>('batch', 'jobs', 'Job'),
  leases: ref<Lease>('coordination.k8s.io', 'leases', 'Lease'),
  namespaces: clusterRef<Namespace>('', 'namespaces', 'Namespace'),
  networkPolicies: ref<NetworkPolicy>('networking.k8s.io', 'networkpolicies', 'NetworkPolicy'),
  nodes: clusterRef<Node>('', 'nodes', 'Node'),
  persistentVolumeClaims: ref<PersistentVolumeClaim>('', 'persistentvolumeclaims', 'PersistentVolumeClaim'),
  persistentVolumes: clusterRef<PersistentVolume>('', 'persistentvolumes', 'PersistentVolume'),
  podCertificateRequests: ref<PodCertificateRequest>(
    'certificates.k8s.io',
    'podcertificaterequests',
    'PodCertificateRequest',
    'v1beta1',
  ),
  podDisruptionBudgets: ref<PodDisruptionBudget>('policy', 'poddisruptionbudgets', 'PodDisruptionBudget'),
  pods: ref<Pod>('', 'pods', 'Pod'),
  priorityClasses: clusterRef<PriorityClass>('scheduling.k8s.io', 'priorityclasses', 'PriorityClass'),
  replicaSets: ref<ReplicaSet>('apps', 'replicasets', 'ReplicaSet'),
  replicationControllers: ref<ReplicationController>('', 'replicationcontrollers', 'ReplicationController'),
  resourceClaims: ref<ResourceClaim>('resource.k8s.io', 'resourceclaims', 'ResourceClaim'),
  resourceClaimTemplates: ref<ResourceClaimTemplate>(
    'resource.k8s.io',
    'resourceclaimtemplates',
    'ResourceClaimTemplate',
  ),
  resourceSlices: clusterRef<ResourceSlice>('resource.k8s.io', 'resourceslices', 'ResourceSlice'),
  resourceQuotas: ref<ResourceQuota>('', 'resourcequotas', 'ResourceQuota'),
  secrets: ref<Secret>('', 'secrets', 'Secret'),
  serviceAccounts: ref<ServiceAccount>('', 'serviceaccounts', 'ServiceAccount'),
  serviceCidrs: clusterRef<ServiceCIDR>('networking.k8s.io', 'servicecidrs', 'ServiceCIDR'),
  services: ref<Service>('', 'services', 'Service'),
  statefulSets: ref<StatefulSet>('apps', 'statefulsets', 'StatefulSet'),
  storageClasses: clusterRef<StorageClass>('storage.k8s.io', 'storageclasses', 'StorageClass'),
  validatingAdmissionPolicies: clusterRef<ValidatingAdmissionPolicy>(
    'admissionregistration.k8s.io',
    'validatingadmissionpolicies',
    'ValidatingAdmissionPolicy',
  ),
  volumeAttributesClasses: clusterRef<VolumeAttributesClass>(
    'storage.k8s.io',
    'volumeattributesclasses',
    'VolumeAttributesClass',
  ),
  volumeAttachments: clusterRef<VolumeAttachment>('storage.k8s.io', 'volumeattachments', 'VolumeAttachment'),
}
