import type { Deployment } from '#types/apps/v1'
import type { Container, Namespace, Service, ServiceAccount } from '#types/core/v1'
import type { ClusterRole, ClusterRoleBinding } from '#types/rbac.authorization.k8s.io/v1'
import type { Draft } from '../../../../src-kube/machinery/meta.ts'
import { INGRESS_BUNDLE, NODE_ROOT_IMAGE } from '../../../../src-wire/node/node-image.ts'

export const NAMESPACE = 'ingress-nginx'
export const CONTROLLER_NAME = 'ingress-nginx-controller'
const ACCOUNT = 'ingress-nginx'

/** Which of our versions an object was made by; a newer one sets right what it says differently. */
export const VERSION_ANNOTATION = 'drydock.dev/add-on-version'
export const VERSION = '1'

const selector = { 'app.kubernetes.io/name': 'ingress-nginx', 'app.kubernetes.io/component': 'controller' }
const labels = { ...selector, 'app.kubernetes.io/managed-by': 'drydock' }
const annotations = { [VERSION_ANNOTATION]: VERSION }
const own = (name: string) => ({ name, namespace: NAMESPACE, labels, annotations })

export const namespaceObject = (): Draft<Namespace> => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: NAMESPACE, labels, annotations },
  spec: {},
})

export const serviceAccount = (): Draft<ServiceAccount> => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: own(ACCOUNT),
})

/** Reads what Ingresses name, and writes nothing but their addresses and events. */
export const clusterRole = (): Draft<ClusterRole> => {
  const reads = (group: string, ...resources: string[]) => ({
    apiGroups: [group],
    resources,
    verbs: ['get', 'list', 'watch'],
  })
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: ACCOUNT, labels, annotations },
    rules: [
      reads('', 'services', 'secrets'),
      reads('discovery.k8s.io', 'endpointslices'),
      reads('networking.k8s.io', 'ingresses', 'ingressclasses'),
      { apiGroups: ['networking.k8s.io'], resources: ['ingresses/status'], verbs: ['patch'] },
      { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
    ],
  }
}

export const clusterRoleBinding = (): Draft<ClusterRoleBinding> => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: ACCOUNT, labels, annotations },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: ACCOUNT },
  subjects: [{ kind: 'ServiceAccount', name: ACCOUNT, namespace: NAMESPACE }],
})

/** Answers on the desktop by itself, so it takes no node ports from those of users. */
export const service = (): Draft<Service> => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: own(CONTROLLER_NAME),
  spec: {
    type: 'LoadBalancer',
    allocateLoadBalancerNodePorts: false,
    selector,
    ports: [
      { name: 'http', port: 80, protocol: 'TCP', targetPort: 'http', appProtocol: 'http' },
      { name: 'https', port: 443, protocol: 'TCP', targetPort: 'https', appProtocol: 'https' },
    ],
  },
})

const fieldOf = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } })
const probe = { httpGet: { path: '/healthz', port: 10_254 }, timeoutSeconds: 2 }
/** Of nobody in particular, as Debian's web servers have theirs. */
const USER = 101

const container = (): Container => ({
  name: 'controller',
  image: NODE_ROOT_IMAGE,
  imagePullPolicy: 'IfNotPresent',
  command: ['/usr/bin/catatonit', '--', '/usr/bin/node'],
  args: ['--max-old-space-size=96', '--max-semi-space-size=2', INGRESS_BUNDLE],
  env: [
    { name: 'SERVICE', value: `${NAMESPACE}/${CONTROLLER_NAME}` },
    fieldOf('POD_NAME', 'metadata.name'),
    fieldOf('POD_NAMESPACE', 'metadata.namespace'),
    fieldOf('POD_UID', 'metadata.uid'),
  ],
  ports: [
    { name: 'http', containerPort: 8080, protocol: 'TCP' },
    { name: 'https', containerPort: 8443, protocol: 'TCP' },
  ],
  // It is there after a second or two: asked before, it would warn of nothing.
  startupProbe: { ...probe, initialDelaySeconds: 2, periodSeconds: 1, failureThreshold: 120 },
  readinessProbe: { ...probe, periodSeconds: 5, failureThreshold: 2 },
  livenessProbe: { ...probe, periodSeconds: 10, failureThreshold: 6 },
  resources: { requests: { cpu: '20m', memory: '64Mi' } },
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
  },
  volumeMounts: [
    { name: 'node', mountPath: '/usr', readOnly: true },
    { name: 'bundle', mountPath: INGRESS_BUNDLE, readOnly: true },
  ],
})

export const deployment = (): Draft<Deployment> => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: own(CONTROLLER_NAME),
  spec: {
    replicas: 1,
    revisionHistoryLimit: 3,
    selector: { matchLabels: selector },
    template: {
      metadata: { labels },
      spec: {
        serviceAccountName: ACCOUNT,
        priorityClassName: 'system-cluster-critical',
        terminationGracePeriodSeconds: 30,
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, runAsUser: USER, runAsGroup: USER },
        containers: [container()],
        volumes: [
          { name: 'node', hostPath: { path: '/usr', type: 'Directory' } },
          { name: 'bundle', hostPath: { path: INGRESS_BUNDLE, type: 'File' } },
        ],
      },
    },
  },
})
