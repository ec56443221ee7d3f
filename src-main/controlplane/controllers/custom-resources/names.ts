import type { CustomResourceDefinition, CustomResourceDefinitionNames } from '#types/apiextensions.k8s.io/v1'
import { withCondition } from '../conditions.ts'
import { conditionOf, type Condition } from './conditions.ts'

interface Taken {
  /** Plural, singular and short names share one space. */
  resources: ReadonlySet<string>
  kinds: ReadonlySet<string>
}

/** What other definitions of the group hold. */
export function namesTaken(crd: CustomResourceDefinition, all: readonly CustomResourceDefinition[]): Taken {
  const resources = new Set<string>()
  const kinds = new Set<string>()
  for (const { metadata, spec, status } of all) {
    if (spec.group !== crd.spec.group || metadata.name === crd.metadata.name) continue
    const { plural, singular, shortNames = [], kind, listKind } = status?.acceptedNames ?? {}
    for (const name of [plural, singular, ...shortNames]) if (name) resources.add(name)
    for (const name of [kind, listKind]) if (name) kinds.add(name)
  }
  return { resources, kinds }
}

/**
 * The names that a definition gets, as near to those it wants as others of its group allow, and the condition that says so (kubernetes.io,
 * CustomResourceDefinition, `status.acceptedNames`). A name once accepted stays until the one wanted instead is free.
 */
export function acceptNames(
  crd: CustomResourceDefinition,
  taken: Taken,
): { acceptedNames: CustomResourceDefinitionNames; condition: Omit<Condition, 'lastTransitionTime'> } {
  const wanted = crd.spec.names
  const accepted = { plural: '', kind: '', ...crd.status?.acceptedNames }
  const names: CustomResourceDefinitionNames = { ...accepted }
  let conflict: { reason: string; message: string } | undefined
  const settle = (field: 'plural' | 'singular' | 'kind' | 'listKind', reason: string, others: ReadonlySet<string>) => {
    const name = wanted[field] ?? ''
    if (name === accepted[field] || !others.has(name)) names[field] = name
    else conflict = { reason, message: `${JSON.stringify(name)} is already in use` }
  }
  settle('plural', 'PluralConflict', taken.resources)
  settle('singular', 'SingularConflict', taken.resources)
  const shortNames = wanted.shortNames ?? []
  const held = new Set(accepted.shortNames)
  const clashing = shortNames.filter((name) => !held.has(name) && taken.resources.has(name))
  if (clashing.length > 0) {
    const words = clashing.map((name) => `${JSON.stringify(name)} is already in use`)
    conflict = { reason: 'ShortNamesConflict', message: words.length === 1 ? words[0]! : `[${words.join(', ')}]` }
  } else names.shortNames = wanted.shortNames
  settle('kind', 'KindConflict', taken.kinds)
  settle('listKind', 'ListKindConflict', taken.kinds)
  names.categories = wanted.categories
  const condition = conflict
    ? { type: 'NamesAccepted', status: 'False', ...conflict }
    : { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
  return { acceptedNames: withoutAbsent(names), condition: condition as Omit<Condition, 'lastTransitionTime'> }
}

const withoutAbsent = (names: CustomResourceDefinitionNames): CustomResourceDefinitionNames =>
  Object.fromEntries(Object.entries(names).filter(([, value]) => value !== undefined)) as CustomResourceDefinitionNames

/** `Established` once the names were accepted; a definition that is established stays so. */
export function established(
  crd: CustomResourceDefinition,
  conditions: readonly Condition[],
  accepted: boolean,
  time: string,
): Condition[] {
  if (conditionOf(crd, 'Established')?.status === 'True') return [...conditions]
  const draft = accepted
    ? { status: 'True' as const, reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' }
    : { status: 'False' as const, reason: 'NotAccepted', message: 'not all names are accepted' }
  return withCondition(conditions, { type: 'Established', ...draft }, time)
}
