import type { Container, Pod } from '#types/core/v1'
import { type Accounts, noAccounts } from './accounts.ts'

type Ids = Pick<NonNullable<Container['securityContext']>, 'runAsUser' | 'runAsGroup' | 'runAsNonRoot'>

/** The container's own word before its pod's, one by one. */
export function idsOf(pod: Pod, container: Container): Ids {
  const own = container.securityContext
  const shared = pod.spec.securityContext
  return {
    runAsUser: own?.runAsUser ?? shared?.runAsUser,
    runAsGroup: own?.runAsGroup ?? shared?.runAsGroup,
    runAsNonRoot: own?.runAsNonRoot ?? shared?.runAsNonRoot,
  }
}

/** What an image says of the user that its processes are. */
export interface ImageUser {
  /** Name or number, with or without a group; empty for root. */
  imageUser: string
  /** What it knows of users; undefined where that cannot be read. */
  accounts?: Accounts | undefined
}

/** What the pod's volumes ask of those who use them. */
export interface OfVolumes {
  /** Groups that their users are of. */
  extraGroups?: readonly number[] | undefined
}

/** What the first process of a container is, as a status tells it. */
export interface Identity {
  uid: number
  gid: number
  /** With {@link gid}, in order. */
  supplementalGroups: number[]
}

/** What the engine is asked for, and what comes of it. */
export interface ResolvedUser {
  /** `user[:group]`; undefined for what the image says. */
  user: string | undefined
  /** Groups besides the user's own. */
  groups: number[]
  /** Undefined where the image does not know the user by that name, which the engine will say. */
  identity: Identity | undefined
}

/**
 * Who a container's processes are (kubernetes.io, "Configure a Security Context for a Pod or Container: Configure fine-grained SupplementalGroups
 * control"; KEP-3619): groups in which the image lists the user are merged with the pod's, or left out by the policy `Strict`. The engine adds them itself,
 * but only where no group is asked for by name or number. Pure.
 */
export function resolveUser(pod: Pod, container: Container, image: ImageUser & OfVolumes): ResolvedUser {
  const { users, groups } = image.accounts ?? noAccounts
  const { runAsUser, runAsGroup } = idsOf(pod, container)
  const [ofImage = '', groupOfImage] = image.imageUser.split(':')
  const name = runAsUser?.toString() ?? (ofImage || '0')
  const account = users.find((one) => one.name === name || String(one.uid) === name)
  const named = runAsUser === undefined ? groupOfImage : undefined
  const gid = runAsGroup ?? idOfGroup(named, image.accounts) ?? account?.gid ?? 0
  const context = pod.spec.securityContext
  const isStrict = context?.supplementalGroupsPolicy === 'Strict'
  const listed = groups.filter(({ members }) => account && members.includes(account.name)).map((one) => one.gid)
  const merged = isStrict ? [] : listed
  const asked = [context?.fsGroup ?? [], context?.supplementalGroups ?? [], image.extraGroups ?? []].flat()
  const isExplicit = runAsGroup !== undefined || named !== undefined
  const uid = account?.uid ?? (/^\d+$/.test(name) ? Number(name) : undefined)
  return {
    user: userFor({ name, gid, isStrict, runAsUser, runAsGroup }),
    groups: unique([...asked, ...(isExplicit ? merged : [])]),
    identity:
      uid === undefined
        ? undefined
        : { uid, gid, supplementalGroups: unique([gid, ...asked, ...merged]).toSorted((a, b) => a - b) },
  }
}

function idOfGroup(named: string | undefined, accounts: Accounts = noAccounts): number | undefined {
  if (!named) return undefined
  if (/^\d+$/.test(named)) return Number(named)
  return accounts.groups.find(({ name }) => name === named)?.gid
}

/** A group alone goes with the image's user; where the image must not add groups, the user's own is always named. */
function userFor({
  name,
  gid,
  isStrict,
  runAsUser,
  runAsGroup,
}: Ids & { name: string; gid: number; isStrict: boolean }) {
  if (isStrict || runAsGroup !== undefined) return `${name}:${gid}`
  return runAsUser === undefined ? undefined : name
}

const unique = (ids: readonly number[]): number[] => [...new Set(ids)]
