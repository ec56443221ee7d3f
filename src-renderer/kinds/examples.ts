/** Small manifests that work as they stand, and where kubernetes.io explains a kind; by view. */
const template = (app: string, command: string, more = ''): string =>
  `  template:\n    metadata:\n      labels: { app: ${app} }\n    spec:\n${more}      containers:\n        - name: ${app}\n          image: busybox\n          command: [sh, -c, "${command}"]\n`

const tick = 'while true; do date; sleep 5; done'

export const examples: Readonly<Record<string, string>> = {
  'statefulsets.apps': `apiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  name: store\nspec:\n  serviceName: store\n  replicas: 2\n  selector:\n    matchLabels: { app: store }\n${template('store', tick)}`,
  'daemonsets.apps': `apiVersion: apps/v1\nkind: DaemonSet\nmetadata:\n  name: agent\nspec:\n  selector:\n    matchLabels: { app: agent }\n${template('agent', tick)}`,
  'jobs.batch': `apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: once\nspec:\n${template('once', 'date', '      restartPolicy: Never\n')}`,
  'cronjobs.batch':
    'apiVersion: batch/v1\nkind: CronJob\nmetadata:\n  name: hourly\nspec:\n  schedule: "0 * * * *"\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          restartPolicy: OnFailure\n          containers:\n            - name: hourly\n              image: busybox\n              command: [date]\n',
  'ingresses.networking.k8s.io':
    'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\nspec:\n  rules:\n    - host: web.localhost\n      http:\n        paths:\n          - path: /\n            pathType: Prefix\n            backend:\n              service:\n                name: web\n                port: { number: 80 }\n',
  'networkpolicies.networking.k8s.io':
    'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: only-from-here\nspec:\n  podSelector: {}\n  policyTypes: [Ingress]\n  ingress:\n    - from:\n        - podSelector: {}\n',
  'horizontalpodautoscalers.autoscaling':
    'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: web\nspec:\n  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }\n  minReplicas: 1\n  maxReplicas: 5\n  metrics:\n    - type: Resource\n      resource:\n        name: cpu\n        target: { type: Utilization, averageUtilization: 80 }\n',
  'poddisruptionbudgets.policy':
    'apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: web\nspec:\n  maxUnavailable: 1\n  selector:\n    matchLabels: { app: web }\n',
  resourcequotas:
    'apiVersion: v1\nkind: ResourceQuota\nmetadata:\n  name: limits\nspec:\n  hard:\n    pods: "20"\n    requests.cpu: "4"\n    requests.memory: 4Gi\n',
  limitranges:
    'apiVersion: v1\nkind: LimitRange\nmetadata:\n  name: defaults\nspec:\n  limits:\n    - type: Container\n      defaultRequest: { cpu: 50m, memory: 64Mi }\n      default: { cpu: 500m, memory: 256Mi }\n',
  'priorityclasses.scheduling.k8s.io':
    'apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata:\n  name: important\nvalue: 1000\ndescription: Takes the place of others\n',
  'roles.rbac.authorization.k8s.io':
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: reader\nrules:\n  - apiGroups: [""]\n    resources: [pods, services, configmaps]\n    verbs: [get, list, watch]\n',
  'rolebindings.rbac.authorization.k8s.io':
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n  name: readers\nroleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }\nsubjects:\n  - kind: ServiceAccount\n    name: default\n    namespace: default\n',
  serviceaccounts: 'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: robot\n',
}

const pages: Readonly<Record<string, string>> = {
  pods: 'concepts/workloads/pods/',
  'deployments.apps': 'concepts/workloads/controllers/deployment/',
  'replicasets.apps': 'concepts/workloads/controllers/replicaset/',
  'statefulsets.apps': 'concepts/workloads/controllers/statefulset/',
  'daemonsets.apps': 'concepts/workloads/controllers/daemonset/',
  'jobs.batch': 'concepts/workloads/controllers/job/',
  'cronjobs.batch': 'concepts/workloads/controllers/cron-jobs/',
  services: 'concepts/services-networking/service/',
  'ingresses.networking.k8s.io': 'concepts/services-networking/ingress/',
  'networkpolicies.networking.k8s.io': 'concepts/services-networking/network-policies/',
  'endpointslices.discovery.k8s.io': 'concepts/services-networking/endpoint-slices/',
  configmaps: 'concepts/configuration/configmap/',
  secrets: 'concepts/configuration/secret/',
  serviceaccounts: 'concepts/security/service-accounts/',
  persistentvolumeclaims: 'concepts/storage/persistent-volumes/',
  persistentvolumes: 'concepts/storage/persistent-volumes/',
  'storageclasses.storage.k8s.io': 'concepts/storage/storage-classes/',
  nodes: 'concepts/architecture/nodes/',
  namespaces: 'concepts/overview/working-with-objects/namespaces/',
  resourcequotas: 'concepts/policy/resource-quotas/',
  limitranges: 'concepts/policy/limit-range/',
  'horizontalpodautoscalers.autoscaling': 'concepts/workloads/autoscaling/horizontal-pod-autoscale/',
  'poddisruptionbudgets.policy': 'concepts/workloads/pods/disruptions/',
  'customresourcedefinitions.apiextensions.k8s.io': 'concepts/extend-kubernetes/api-extension/custom-resources/',
}

/** Where the kind of a view is explained; undefined for kinds of others. */
export const docsOf = (view: string): string | undefined => pages[view] && `https://kubernetes.io/docs/${pages[view]}`
