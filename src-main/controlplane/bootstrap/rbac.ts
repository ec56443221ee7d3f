import { defaultRbac } from '#generated/facts'
import type { PolicyRule, Subject } from '#types/rbac.authorization.k8s.io/v1'
import { namespacedRoles } from './namespaced-roles.ts'
import { grantedSince, withdrawnSince } from './rbac-since.ts'
import { draftMetadata, type KubeObject } from '../../../src-kube/machinery/meta.ts'

interface Fact {
  kind: 'clusterroles' | 'clusterrolebindings'
  name: string
  labels?: Record<string, string>
  rules?: PolicyRule[]
  aggregationRule?: object
  roleRef?: object
  subjects?: Subject[]
}

const bootstrapLabels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' }
const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' }

/** Beyond the defaults: what nodes need whose one certificate serves kubelet, kube-proxy, flannel and DNS, and how they join. */
const own: Fact[] = [
  {
    kind: 'clusterrolebindings',
    name: 'drydock:node-bootstrappers',
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:node-bootstrapper' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:bootstrappers' }],
  },
  {
    // By the name and labels that metrics-server gives it: whoever may view pods sees what they use.
    kind: 'clusterroles',
    name: 'system:aggregated-metrics-reader',
    labels: {
      'rbac.authorization.k8s.io/aggregate-to-view': 'true',
      'rbac.authorization.k8s.io/aggregate-to-edit': 'true',
      'rbac.authorization.k8s.io/aggregate-to-admin': 'true',
    },
    rules: [{ verbs: ['get', 'list', 'watch'], apiGroups: ['metrics.k8s.io'], resources: ['nodes', 'pods'] }],
  },
]

/** Default cluster roles and bindings (kubernetes.io, "Using RBAC Authorization: Default roles and role bindings"). */
export function rbacObjects(): KubeObject[] {
  return [...(defaultRbac as Fact[]), ...own].map(({ kind, name, labels, ...rest }) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: kind === 'clusterroles' ? 'ClusterRole' : 'ClusterRoleBinding',
    metadata: draftMetadata({ name, labels: { ...bootstrapLabels, ...labels }, annotations }),
    ...rest,
    ...(rest.rules ? { rules: rulesOfToday(name, rest.rules) } : {}),
  }))
}

/** The table of facts is of 1.20. */
function rulesOfToday(name: string, rules: readonly PolicyRule[]): PolicyRule[] {
  const withdrawn = withdrawnSince[name] ?? []
  const left = rules.map(({ resources, ...rule }) =>
    resources ? { ...rule, resources: resources.filter((one) => !withdrawn.includes(one)) } : rule,
  )
  return [...left, ...(grantedSince[name] ?? [])]
}

/** The roles of the platform's namespaces, each with its binding. */
export function namespacedRbacObjects(): KubeObject[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1'
  return namespacedRoles.flatMap(({ namespace, name, binding = name, rules, subjects }) => {
    const metadata = (of: string) => draftMetadata({ name: of, namespace, labels: bootstrapLabels, annotations })
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name }
    return [
      { apiVersion, kind: 'Role', metadata: metadata(name), rules },
      { apiVersion, kind: 'RoleBinding', metadata: metadata(binding), roleRef, subjects },
    ]
  })
}
