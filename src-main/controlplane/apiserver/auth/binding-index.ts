import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  Subject,
} from '#types/rbac.authorization.k8s.io/v1'
import type { ObjectReader, UserInfo } from '../../admission/admission.ts'

const GROUP = 'rbac.authorization.k8s.io'

/** One subject's part of a binding, with the rules of the role it names. */
export interface Binding {
  /** `` for a cluster role binding: everywhere. */
  namespace: string
  subjects: readonly Subject[]
  rules: readonly PolicyRule[]
  /** For the reason: `ClusterRoleBinding "x" of ClusterRole "y" to Group "z"`. */
  words: string
  /** That the role does not exist; it then has no rules. */
  missing?: string
}

type BySubject = ReadonlyMap<string, readonly Binding[]>

/** Role bindings by whom they are for. Built when somebody asks, anew after each change. */
export class BindingIndex {
  readonly #read: ObjectReader
  #building: Promise<BySubject> | undefined
  #built: BySubject | undefined
  /** What a user comes to in the index as it was built last. Authentication gives the same object for the same user. */
  #known = new WeakMap<UserInfo, readonly Binding[]>()
  #knownIn: BySubject | undefined

  constructor(read: ObjectReader) {
    this.#read = read
  }

  /** Roles or bindings changed. */
  invalidate(): void {
    this.#building = undefined
    this.#built = undefined
  }

  /** Every binding for a user; undefined while the index must be built first. */
  known(user: UserInfo): readonly Binding[] | undefined {
    return this.#built && this.#lookUp(this.#built, user)
  }

  /** Every binding for a user, in any namespace. */
  async of(user: UserInfo): Promise<readonly Binding[]> {
    return this.#lookUp(await this.#current(), user)
  }

  #lookUp(built: BySubject, user: UserInfo): readonly Binding[] {
    if (this.#knownIn !== built) {
      this.#known = new WeakMap()
      this.#knownIn = built
    }
    let found = this.#known.get(user)
    if (!found) {
      found = subjectsOf(user).flatMap((subject) => built.get(subject) ?? [])
      this.#known.set(user, found)
    }
    return found
  }

  /** A build that was overtaken by a change must not become the index: revoked rights would live on. */
  #current(): Promise<BySubject> {
    if (this.#building) return this.#building
    const building = buildIndex(this.#read)
    this.#building = building
    building.then(
      (built) => {
        if (this.#building === building) this.#built = built
      },
      () => {
        if (this.#building === building) this.#building = undefined
      },
    )
    return building
  }
}

function subjectsOf(user: UserInfo): string[] {
  return [`User ${user.name}`, ...user.groups.map((group) => `Group ${group}`)]
}

const keyOf = (subject: Subject, namespace: string): string =>
  subject.kind === 'ServiceAccount'
    ? `User system:serviceaccount:${subject.namespace || namespace}:${subject.name}`
    : `${subject.kind} ${subject.name}`

async function buildIndex(read: ObjectReader): Promise<Map<string, Binding[]>> {
  const [roles, clusterRoles, bindings, clusterBindings] = await Promise.all(
    ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'].map((resource) => read.list(GROUP, resource)),
  )
  const rules = new Map<string, readonly PolicyRule[]>()
  for (const role of roles as Role[])
    rules.set(`Role ${role.metadata.namespace}/${role.metadata.name}`, role.rules ?? [])
  for (const role of clusterRoles as ClusterRole[]) rules.set(`ClusterRole ${role.metadata.name}`, role.rules ?? [])
  const index = new Map<string, Binding[]>()
  const add = (binding: RoleBinding | ClusterRoleBinding, namespace: string): void => {
    const { kind, name } = binding.roleRef
    const found = rules.get(kind === 'Role' ? `Role ${namespace}/${name}` : `ClusterRole ${name}`)
    const role = found
      ? { rules: found }
      : { rules: [], missing: `${kind.toLowerCase()}.${GROUP} ${JSON.stringify(name)} not found` }
    for (const subject of binding.subjects ?? []) {
      const own =
        namespace === ''
          ? `ClusterRoleBinding ${JSON.stringify(binding.metadata.name)}`
          : `RoleBinding ${JSON.stringify(`${binding.metadata.name}/${namespace}`)}`
      const words = `${own} of ${kind} ${JSON.stringify(name)} to ${subject.kind} ${JSON.stringify(subject.name)}`
      const key = keyOf(subject, namespace)
      index.set(key, [...(index.get(key) ?? []), { namespace, subjects: [subject], ...role, words }])
    }
  }
  for (const binding of bindings as RoleBinding[]) add(binding, binding.metadata.namespace ?? '')
  for (const binding of clusterBindings as ClusterRoleBinding[]) add(binding, '')
  return index
}
