import type { PolicyRule, Subject } from '#types/rbac.authorization.k8s.io/v1'
import { DNS_CONFIG_NAME } from '../../../src-kube/kinds/core/dns-config.ts'

interface NamespacedRole {
  namespace: string
  name: string
  /** The binding's name; that of the role when absent. */
  binding?: string
  rules: PolicyRule[]
  subjects: Subject[]
}

const rule = (verbs: string[], resource: string, resourceNames?: string[], group = ''): PolicyRule => ({
  verbs,
  apiGroups: [group],
  resources: [resource],
  ...(resourceNames ? { resourceNames } : {}),
})
const user = (name: string): Subject => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name })
const account = (name: string): Subject => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' })
const LEASES = 'coordination.k8s.io'
/** Events of both groups that they are served in. */
const events = { ...rule(['create', 'patch', 'update'], 'events'), apiGroups: ['', 'events.k8s.io'] }

const leaderOf = (component: string): NamespacedRole => ({
  namespace: 'kube-system',
  name: `system::leader-locking-${component}`,
  rules: [
    rule(['watch'], 'configmaps'),
    rule(['get', 'update'], 'configmaps', [component]),
    rule(['create', 'get', 'list', 'update', 'watch'], 'leases', undefined, LEASES),
  ],
  subjects: [user(`system:${component}`), account(component)],
})

/** Roles of the platform's own namespaces and who has them (kubernetes.io, "Using RBAC Authorization: Other component roles"). */
export const namespacedRoles: readonly NamespacedRole[] = [
  {
    namespace: 'kube-system',
    name: 'extension-apiserver-authentication-reader',
    binding: 'system::extension-apiserver-authentication-reader',
    rules: [rule(['get', 'list', 'watch'], 'configmaps', ['extension-apiserver-authentication'])],
    subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler')],
  },
  leaderOf('kube-controller-manager'),
  leaderOf('kube-scheduler'),
  {
    // The DNS of every node follows it.
    namespace: 'kube-system',
    name: 'drydock:dns-config',
    rules: [rule(['get', 'list', 'watch'], 'configmaps', [DNS_CONFIG_NAME])],
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:nodes' }],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:bootstrap-signer',
    rules: [rule(['get', 'list', 'watch'], 'secrets')],
    subjects: [account('bootstrap-signer')],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:token-cleaner',
    rules: [rule(['delete', 'get', 'list', 'watch'], 'secrets'), events],
    subjects: [account('token-cleaner')],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:cloud-provider',
    rules: [rule(['create', 'get', 'list', 'watch'], 'configmaps')],
    subjects: [account('cloud-provider')],
  },
  {
    namespace: 'kube-public',
    name: 'system:controller:bootstrap-signer',
    rules: [rule(['get', 'list', 'watch'], 'configmaps'), rule(['update'], 'configmaps', ['cluster-info']), events],
    subjects: [account('bootstrap-signer')],
  },
]
