/** What objects say of each other: which they own, select, route to, scale, use and bind. Pure; one entry a field that names something. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { viewOfKind } from '../kinds/view-of-kind.ts'
import { at, listAt, textAt, type ObjectLink } from '../kinds/view.ts'

/** How the first of two objects relates to the second; picks the words `relations.<role>`. */
export type Role = 'owns' | 'selects' | 'routes' | 'scales' | 'uses' | 'binds' | 'runs'

/** Something that an object names. */
export interface Named {
  role: Role
  link: ObjectLink
  /** The named object is the first of the two: a pod names the one that owns it. */
  backward?: boolean
  /** It may be absent without harm. */
  optional?: boolean
}

/** Kinds that many objects use, by view. */
export const shared: readonly string[] = [
  'configmaps',
  'secrets',
  'serviceaccounts',
  'persistentvolumeclaims',
  'persistentvolumes',
  'storageclasses.storage.k8s.io',
  'nodes',
]

/** The kinds a map is made of, by view. */
export const mapped: readonly string[] = [
  'ingresses.networking.k8s.io',
  'horizontalpodautoscalers.autoscaling',
  'poddisruptionbudgets.policy',
  'networkpolicies.networking.k8s.io',
  'services',
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'cronjobs.batch',
  'replicationcontrollers',
  'replicasets.apps',
  'jobs.batch',
  'pods',
  ...shared,
]

/** Kinds that only matter where rights are looked at. */
export const rights: readonly string[] = [
  'rolebindings.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
  'roles.rbac.authorization.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
]

/** Where the pod that a kind makes is described. */
const templates: Record<string, readonly string[]> = {
  pods: ['spec'],
  'cronjobs.batch': ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  'deployments.apps': ['spec', 'template', 'spec'],
  'statefulsets.apps': ['spec', 'template', 'spec'],
  'daemonsets.apps': ['spec', 'template', 'spec'],
  'replicasets.apps': ['spec', 'template', 'spec'],
  replicationcontrollers: ['spec', 'template', 'spec'],
  'jobs.batch': ['spec', 'template', 'spec'],
}

/** All that an object names, in the order of its fields. */
export function namesIn(view: string, object: KubeObject): Named[] {
  const { namespace } = object.metadata
  const own = (role: Role, id: string, name: string, more: Partial<Named> = {}): Named[] =>
    name === '' ? [] : [{ role, link: { view: id, namespace, name }, ...more }]
  const path = templates[view]
  return [
    ...ownersOf(object),
    ...(path ? podNames(at(object, ...path), namespace) : []),
    ...(view === 'pods' ? wide('runs', 'nodes', textAt(object, 'spec', 'nodeName')) : []),
    ...(view === 'ingresses.networking.k8s.io' ? ingressNames(object, own) : []),
    ...(view === 'horizontalpodautoscalers.autoscaling' ? scaledBy(object, own) : []),
    ...(view === 'persistentvolumeclaims' ? claimNames(object) : []),
    ...(view === 'persistentvolumes'
      ? wide('uses', 'storageclasses.storage.k8s.io', textAt(object, 'spec', 'storageClassName'))
      : []),
    ...(view === 'serviceaccounts'
      ? listAt(object, 'imagePullSecrets').flatMap((one) => own('uses', 'secrets', textAt(one, 'name')))
      : []),
    ...(rights.includes(view) ? bindingNames(object) : []),
  ]
}

type Own = (role: Role, view: string, name: string, more?: Partial<Named>) => Named[]

/** A named object without a namespace. */
const wide = (role: Role, view: string, name: string): Named[] => (name === '' ? [] : [{ role, link: { view, name } }])

const ownersOf = ({ metadata }: KubeObject): Named[] =>
  (metadata.ownerReferences ?? []).flatMap(({ kind, name }) => {
    const view = viewOfKind[kind]
    if (!view) return []
    const namespace = view === 'nodes' ? undefined : metadata.namespace
    return [{ role: 'owns' as const, backward: true, link: { view, namespace, name } }]
  })

/** Configuration, identity and storage of a pod (kubernetes.io, "Pod v1 core"), each once. */
function podNames(spec: unknown, namespace: string | undefined): Named[] {
  const found = new Map<string, Named>()
  const add = (view: string, source: unknown, field = 'name'): void => {
    const name = textAt(source, field)
    const key = `${view} ${name}`
    const optional = at(source, 'optional') === true
    if (name !== '' && (!found.has(key) || !optional))
      found.set(key, { role: 'uses', link: { view, namespace, name }, ...(optional ? { optional } : {}) })
  }
  for (const container of ['initContainers', 'containers', 'ephemeralContainers'].flatMap((f) => listAt(spec, f))) {
    for (const from of listAt(container, 'envFrom')) {
      add('configmaps', at(from, 'configMapRef'))
      add('secrets', at(from, 'secretRef'))
    }
    for (const variable of listAt(container, 'env')) {
      add('configmaps', at(variable, 'valueFrom', 'configMapKeyRef'))
      add('secrets', at(variable, 'valueFrom', 'secretKeyRef'))
    }
  }
  for (const volume of listAt(spec, 'volumes')) {
    add('configmaps', at(volume, 'configMap'))
    add('secrets', at(volume, 'secret'), 'secretName')
    add('persistentvolumeclaims', at(volume, 'persistentVolumeClaim'), 'claimName')
    for (const source of listAt(volume, 'projected', 'sources')) {
      const token = textAt(source, 'configMap', 'name') === 'kube-root-ca.crt'
      if (!token) add('configmaps', at(source, 'configMap'))
      add('secrets', at(source, 'secret'))
    }
  }
  for (const secret of listAt(spec, 'imagePullSecrets')) add('secrets', secret)
  if (textAt(spec, 'serviceAccountName') !== 'default') add('serviceaccounts', spec, 'serviceAccountName')
  return [...found.values()]
}

function ingressNames(object: KubeObject, own: Own): Named[] {
  const paths = listAt(object, 'spec', 'rules').flatMap((rule) => listAt(rule, 'http', 'paths'))
  const backends = [at(object, 'spec', 'defaultBackend'), ...paths.map((path) => at(path, 'backend'))]
  const services = new Set(backends.map((backend) => textAt(backend, 'service', 'name')))
  return [
    ...[...services].flatMap((name) => own('routes', 'services', name)),
    ...listAt(object, 'spec', 'tls').flatMap((one) => own('uses', 'secrets', textAt(one, 'secretName'))),
  ]
}

function scaledBy(object: KubeObject, own: Own): Named[] {
  const view = viewOfKind[textAt(object, 'spec', 'scaleTargetRef', 'kind')]
  return view ? own('scales', view, textAt(object, 'spec', 'scaleTargetRef', 'name')) : []
}

const claimNames = (object: KubeObject): Named[] => [
  ...wide('binds', 'persistentvolumes', textAt(object, 'spec', 'volumeName')),
  ...(textAt(object, 'spec', 'volumeName') === ''
    ? wide('uses', 'storageclasses.storage.k8s.io', textAt(object, 'spec', 'storageClassName'))
    : []),
]

function bindingNames(object: KubeObject): Named[] {
  const { namespace } = object.metadata
  const role = viewOfKind[textAt(object, 'roleRef', 'kind')]
  const accounts = listAt(object, 'subjects').filter((one) => textAt(one, 'kind') === 'ServiceAccount')
  return [
    ...(role
      ? [
          {
            role: 'binds' as const,
            link: {
              view: role,
              namespace: role.startsWith('cluster') ? undefined : namespace,
              name: textAt(object, 'roleRef', 'name'),
            },
          },
        ]
      : []),
    ...accounts.map((one): Named => ({
      role: 'binds',
      backward: true,
      link: {
        view: 'serviceaccounts',
        namespace: textAt(one, 'namespace') || namespace,
        name: textAt(one, 'name'),
      },
    })),
  ]
}
