import type { GrantedRule } from './rights.ts'

/** What may be done alike to some resources. */
export interface OwnRight {
  verbs: string[]
  /** `pods`, `deployments.apps`, with a name where it is for that object alone: `secrets login`. */
  things: string[]
}

const order = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']
const rank = (verb: string): number => (order.includes(verb) ? order.indexOf(verb) : order.length)

/** Rules as a person reads them: each resource once, those with the same verbs together, the most rights first. */
export function ownRights(rules: readonly GrantedRule[]): OwnRight[] {
  const verbsOf = new Map<string, Set<string>>()
  for (const { verbs = [], ...rule } of rules)
    for (const thing of thingsOf(rule)) verbsOf.set(thing, new Set([...(verbsOf.get(thing) ?? []), ...verbs]))
  const rights = new Map<string, OwnRight>()
  for (const [thing, found] of [...verbsOf].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const verbs = found.has('*') ? ['*'] : [...found].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    const right = rights.get(verbs.join())
    if (right) right.things.push(thing)
    else rights.set(verbs.join(), { verbs, things: [thing] })
  }
  const weight = ({ verbs }: OwnRight): number => (verbs[0] === '*' ? Infinity : verbs.length)
  return [...rights.values()].sort((a, b) => (weight(a) === weight(b) ? 0 : weight(b) - weight(a)))
}

function thingsOf({ apiGroups = [], resources = [], resourceNames = [] }: Omit<GrantedRule, 'verbs'>): string[] {
  const named = resourceNames.length > 0 ? ` ${resourceNames.join(', ')}` : ''
  return resources.flatMap((resource) =>
    apiGroups.map((group) => {
      const [kind, subresource] = resource.split('/')
      return (group ? `${kind}.${group}` : kind!) + (subresource ? `/${subresource}` : '') + named
    }),
  )
}
