/**
 * Who may do what, as role-based access control grants it (kubernetes.io, "Using RBAC Authorization"): bindings joined with the roles they
 * name. What other authorizers allow beside, as nodes their own pods, is not in it. Pure.
 */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { listAt, textAt, type ObjectLink } from '../kinds/view.ts'

/** To whom a right is given (kubernetes.io, "Using RBAC Authorization: Referring to subjects"). */
export interface Subject {
  kind: 'User' | 'Group' | 'ServiceAccount'
  name: string
  /** Of a service account. */
  namespace: string
}

/** What a role allows; `*` stands for everything, in each list. */
export interface Rule {
  verbs: string[]
  groups: string[]
  resources: string[]
  /** Empty for all. */
  names: string[]
  urls: string[]
}

/** What one binding gives to one subject. */
export interface Grant {
  subject: Subject
  /** Where it holds; empty for the whole cluster. */
  namespace: string
  binding: ObjectLink
  role: ObjectLink
  /** Undefined when the role does not exist. */
  rules: readonly Rule[] | undefined
}

type Objects = Iterable<KubeObject>

/** All that grants rights in a cluster, as it is now. */
export interface AccessObjects {
  roles: Objects
  clusterRoles: Objects
  roleBindings: Objects
  clusterRoleBindings: Objects
}

export const accessViews = {
  roles: 'roles.rbac.authorization.k8s.io',
  clusterRoles: 'clusterroles.rbac.authorization.k8s.io',
  roleBindings: 'rolebindings.rbac.authorization.k8s.io',
  clusterRoleBindings: 'clusterrolebindings.rbac.authorization.k8s.io',
} as const satisfies Record<keyof AccessObjects, string>

/** All that is granted to anybody. */
export function grantsOf(objects: AccessObjects): Grant[] {
  const rules = new Map<string, readonly Rule[]>()
  for (const role of objects.roles) rules.set(`${role.metadata.namespace}/${role.metadata.name}`, rulesOf(role))
  for (const role of objects.clusterRoles) rules.set(role.metadata.name, rulesOf(role))
  return [
    ...[...objects.roleBindings].flatMap((binding) => grantsBy(binding, accessViews.roleBindings, rules)),
    ...[...objects.clusterRoleBindings].flatMap((binding) => grantsBy(binding, accessViews.clusterRoleBindings, rules)),
  ]
}

const texts = (object: unknown, field: string): string[] => listAt(object, field).map(String)

const rulesOf = (role: KubeObject): Rule[] =>
  listAt(role, 'rules').map((rule) => ({
    verbs: texts(rule, 'verbs'),
    groups: texts(rule, 'apiGroups'),
    resources: texts(rule, 'resources'),
    names: texts(rule, 'resourceNames'),
    urls: texts(rule, 'nonResourceURLs'),
  }))

function grantsBy(binding: KubeObject, view: string, rules: ReadonlyMap<string, readonly Rule[]>): Grant[] {
  const { name, namespace = '' } = binding.metadata
  const roleName = textAt(binding, 'roleRef', 'name')
  const isOwn = textAt(binding, 'roleRef', 'kind') === 'Role'
  const role: ObjectLink = isOwn
    ? { view: accessViews.roles, namespace, name: roleName }
    : { view: accessViews.clusterRoles, name: roleName }
  return listAt(binding, 'subjects').map((subject) => ({
    subject: {
      kind: textAt(subject, 'kind') as Subject['kind'],
      name: textAt(subject, 'name'),
      namespace: textAt(subject, 'namespace'),
    },
    namespace,
    binding: { view, ...(namespace ? { namespace } : {}), name },
    role,
    rules: rules.get(isOwn ? `${namespace}/${roleName}` : roleName),
  }))
}

/** `User jane`, `Group system:masters`, `ServiceAccount shop/default`. */
export const subjectText = ({ kind, name, namespace }: Subject): string =>
  `${kind} ${kind === 'ServiceAccount' ? `${namespace}/${name}` : name}`

/** The subject of such a text; undefined when it is none. */
export function subjectOf(text: string): Subject | undefined {
  const [, kind, rest] = /^(User|Group|ServiceAccount)\s+(\S.*)$/.exec(text.trim()) ?? []
  if (!kind || !rest) return undefined
  if (kind !== 'ServiceAccount') return { kind: kind as Subject['kind'], name: rest, namespace: '' }
  const [namespace = '', name = '', ...more] = rest.split('/')
  return namespace && name && more.length === 0 ? { kind, name, namespace } : undefined
}

/** What a subject is granted by its own name, by its name as a user, and by the groups that everybody of its kind is in, in this order. */
export function grantsTo(grants: readonly Grant[], subject: Subject): Grant[] {
  const names = [subjectText(subject), ...othersOf(subject)]
  return names.flatMap((name) => grants.filter((grant) => subjectText(grant.subject) === name))
}

/** kubernetes.io, "Authenticating: Service account tokens", and the groups of RBAC's default bindings. */
function othersOf({ kind, name, namespace }: Subject): string[] {
  if (kind === 'Group') return []
  if (kind === 'User')
    return name === 'system:anonymous' ? ['Group system:unauthenticated'] : ['Group system:authenticated']
  return [
    `User system:serviceaccount:${namespace}:${name}`,
    'Group system:serviceaccounts',
    `Group system:serviceaccounts:${namespace}`,
    'Group system:authenticated',
  ]
}

/** What it is asked about who may do it. */
export interface Question {
  verb: string
  /** `pods`, `deployments.apps`, `pods/log`. */
  resource: string
  /** Empty for anywhere. */
  namespace: string
}

/** A grant that answers the question. */
export interface Answer extends Grant {
  /** The only objects it holds for; empty for all. */
  names: string[]
}

/** Everybody who may do it, each by every binding that lets them. */
export function whoMay(grants: readonly Grant[], { verb, resource, namespace }: Question): Answer[] {
  const asked = partsOf(resource)
  return grants.flatMap((grant) => {
    if (namespace && grant.namespace && grant.namespace !== namespace) return []
    const rules = (grant.rules ?? []).filter((rule) => allows(rule, verb, asked))
    if (rules.length === 0) return []
    const isForAll = rules.some(({ names }) => names.length === 0)
    return [{ ...grant, names: isForAll ? [] : rules.flatMap(({ names }) => names) }]
  })
}

function partsOf(text: string): { group: string; resource: string; subresource: string } {
  const [plural = '', subresource = ''] = text.trim().split('/')
  const dot = plural.indexOf('.')
  return dot < 0
    ? { group: '', resource: plural, subresource }
    : { group: plural.slice(dot + 1), resource: plural.slice(0, dot), subresource }
}

function allows(rule: Rule, verb: string, { group, resource, subresource }: ReturnType<typeof partsOf>): boolean {
  const has = (list: readonly string[], ...wanted: string[]): boolean => wanted.some((one) => list.includes(one))
  const named = subresource ? [`${resource}/${subresource}`, `*/${subresource}`] : [resource]
  return has(rule.verbs, verb, '*') && has(rule.groups, group, '*') && has(rule.resources, '*', ...named)
}
