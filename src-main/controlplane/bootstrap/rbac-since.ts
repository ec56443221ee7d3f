import type { PolicyRule } from '#types/rbac.authorization.k8s.io/v1'

const read = ['get', 'list', 'watch']
const write = ['create', 'delete', 'deletecollection', 'patch', 'update']
const DRA = 'resource.k8s.io'

/** What default roles came to grant after 1.20, of which the table of facts is (kubernetes.io, "Using RBAC Authorization: Default roles"). */
export const grantedSince: Readonly<Record<string, readonly PolicyRule[]>> = {
  // Who am I: KEP-3325.
  'system:basic-user': [{ verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] }],
  'system:monitoring': [{ verbs: ['get'], nonResourceURLs: ['/flagz', '/metrics/slis', '/statusz'] }],
  'system:aggregate-to-view': [
    { verbs: read, apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'] },
    {
      verbs: read,
      apiGroups: [DRA],
      resources: ['resourceclaims', 'resourceclaims/status', 'resourceclaimtemplates'],
    },
  ],
  'system:aggregate-to-edit': [
    { verbs: ['create'], apiGroups: [''], resources: ['pods/eviction', 'serviceaccounts/token'] },
    { verbs: write, apiGroups: [''], resources: ['events'] },
    { verbs: [...write, ...read], apiGroups: ['coordination.k8s.io'], resources: ['leases'] },
    { verbs: write, apiGroups: [DRA], resources: ['resourceclaims', 'resourceclaimtemplates'] },
  ],
  // What a kubelet is asked for piece by piece: KEP-2862.
  'system:kubelet-api-admin': [
    { verbs: ['*'], apiGroups: [''], resources: ['nodes/configz', 'nodes/healthz', 'nodes/pods'] },
  ],
  'system:kube-scheduler': [
    { verbs: read, apiGroups: [''], resources: ['namespaces'] },
    {
      verbs: read,
      apiGroups: ['storage.k8s.io'],
      resources: ['csidrivers', 'csistoragecapacities', 'volumeattachments'],
    },
    { verbs: read, apiGroups: [DRA], resources: ['deviceclasses', 'resourceclaims', 'resourceslices'] },
    { verbs: ['patch', 'update'], apiGroups: [DRA], resources: ['resourceclaims', 'resourceclaims/status'] },
    // For what pods ask as extended resources: KEP-5004.
    { verbs: ['create', 'delete'], apiGroups: [DRA], resources: ['resourceclaims'] },
  ],
}

/**
 * Resources that default roles do not grant any more. Whoever writes endpoints sends what is meant for a service anywhere (kubernetes.io, "Using RBAC
 * Authorization: Write access for EndpointSlices and Endpoints").
 */
export const withdrawnSince: Readonly<Record<string, readonly string[]>> = {
  'system:aggregate-to-edit': ['endpoints'],
}
