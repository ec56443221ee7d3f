/**
 * A set of fields of an object, as a tree. Keys are path elements in their wire form: `f:name`, `k:{"name":"c"}`, `v:"x"`, `i:0`.
 * A node that is no member has members beneath it; the root is never a member. Sets are not changed once built.
 */
export interface FieldSet {
  readonly member: boolean
  readonly children: ReadonlyMap<string, FieldSet>
}

export const emptySet: FieldSet = { member: false, children: new Map() }

export const isEmptySet = (set: FieldSet): boolean => !set.member && set.children.size === 0

/** A node, or undefined when there would be nothing at or beneath it. */
function node(member: boolean, children: ReadonlyMap<string, FieldSet>): FieldSet | undefined {
  return member || children.size > 0 ? { member, children } : undefined
}

type Both = (left: FieldSet | undefined, right: FieldSet | undefined) => FieldSet | undefined

/** Combines two trees: `member` says of each place whether it stays. */
function combine(member: (left: boolean, right: boolean) => boolean): Both {
  const both: Both = (left, right) => {
    const children = new Map<string, FieldSet>()
    for (const element of new Set([...(left?.children.keys() ?? []), ...(right?.children.keys() ?? [])])) {
      const child = both(left?.children.get(element), right?.children.get(element))
      if (child) children.set(element, child)
    }
    return node(member(left?.member === true, right?.member === true), children)
  }
  return both
}

const unionOf = combine((left, right) => left || right)
const differenceOf = combine((left, right) => left && !right)
const intersectionOf = combine((left, right) => left && right)

/** What is in any of them. */
export const union = (...sets: readonly FieldSet[]): FieldSet =>
  sets.reduce((sum, set) => unionOf(sum, set) ?? emptySet, emptySet)
/** What is in the left and not itself in the right: a member beneath one of the right's stays. */
export const difference = (left: FieldSet, right: FieldSet): FieldSet => differenceOf(left, right) ?? emptySet
export const intersection = (left: FieldSet, right: FieldSet): FieldSet => intersectionOf(left, right) ?? emptySet

export function equalSets(left: FieldSet, right: FieldSet): boolean {
  if (left.member !== right.member || left.children.size !== right.children.size) return false
  for (const [element, child] of left.children) {
    const other = right.children.get(element)
    if (!other || !equalSets(child, other)) return false
  }
  return true
}

/** The set of some paths; each is a list of path elements from the root. */
export function setOf(paths: Iterable<readonly string[]>): FieldSet {
  interface Draft {
    member: boolean
    children: Map<string, Draft>
  }
  const root: Draft = { member: false, children: new Map() }
  for (const path of paths) {
    let at = root
    for (const element of path) {
      let next = at.children.get(element)
      if (!next) at.children.set(element, (next = { member: false, children: new Map() }))
      at = next
    }
    if (at !== root) at.member = true
  }
  return root
}

/** Every member's path, parents before what is beneath them. */
export function pathsOf(set: FieldSet, from: readonly string[] = []): string[][] {
  const paths = set.member ? [[...from]] : []
  for (const [element, child] of set.children) paths.push(...pathsOf(child, [...from, element]))
  return paths
}
