/**
 * A set of fields of an object, as a tree. Keys are path elements in their wire form: `f:name`, `k:{"name":"c"}`, `v:"x"`, `i:0`.
 * A node that is no member has members beneath it; the root is never a member. Sets are not changed once built, and
 * share what they have in common: an operation that changes nothing answers its left side itself.
 */
export interface FieldSet {
  readonly member: boolean
  readonly children: ReadonlyMap<string, FieldSet>
}

/** Shared by all: sets are never changed. */
export const emptySet: FieldSet = { member: false, children: new Map() }

export const isEmptySet = (set: FieldSet): boolean => !set.member && set.children.size === 0

/** The children with one changed or, without a child, gone; `copy` is the copy made before, if there is one. */
function withChild(
  from: FieldSet,
  copy: Map<string, FieldSet> | undefined,
  element: string,
  child: FieldSet | undefined,
) {
  const children = copy ?? new Map(from.children)
  if (child) children.set(element, child)
  else children.delete(element)
  return children
}

/** The set with other members; itself when nothing changed, undefined when nothing is left. */
function remade(from: FieldSet, member: boolean, children: ReadonlyMap<string, FieldSet>): FieldSet | undefined {
  if (member === from.member && children === from.children) return from
  return member || children.size > 0 ? { member, children } : undefined
}

function unionOf(left: FieldSet, right: FieldSet): FieldSet {
  let copy: Map<string, FieldSet> | undefined
  for (const [element, child] of right.children) {
    const own = left.children.get(element)
    const both = own ? unionOf(own, child) : child
    if (both !== own) copy = withChild(left, copy, element, both)
  }
  return remade(left, left.member || right.member, copy ?? left.children) ?? left
}

function differenceOf(left: FieldSet, right: FieldSet): FieldSet | undefined {
  let copy: Map<string, FieldSet> | undefined
  for (const [element, child] of right.children) {
    const own = left.children.get(element)
    const rest = own && differenceOf(own, child)
    if (rest !== own) copy = withChild(left, copy, element, rest)
  }
  return remade(left, left.member && !right.member, copy ?? left.children)
}

function intersectionOf(left: FieldSet, right: FieldSet): FieldSet | undefined {
  const [few, many] = left.children.size < right.children.size ? [left, right] : [right, left]
  const children = new Map<string, FieldSet>()
  for (const [element, child] of few.children) {
    const other = many.children.get(element)
    const both = other && intersectionOf(child, other)
    if (both) children.set(element, both)
  }
  const member = left.member && right.member
  return member || children.size > 0 ? { member, children } : undefined
}

/** What is in either. */
export const union = (left: FieldSet, right: FieldSet): FieldSet => unionOf(left, right)
/** What is in the left and not itself in the right: a member beneath one of the right's stays. */
export const difference = (left: FieldSet, right: FieldSet): FieldSet => differenceOf(left, right) ?? emptySet
export const intersection = (left: FieldSet, right: FieldSet): FieldSet => intersectionOf(left, right) ?? emptySet

/** Whether both hold the same paths; cheap for sets that are shared, since one and the same is equal at once. */
export function equalSets(left: FieldSet, right: FieldSet): boolean {
  if (left === right) return true
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

/** Every member's path from a set that is none itself; of each place first what is in it by itself, then what is beneath, by name. */
export function pathsOf(set: FieldSet, from: readonly string[] = []): string[][] {
  const elements = [...set.children.keys()].sort()
  const here = elements.filter((element) => set.children.get(element)!.member).map((element) => [...from, element])
  return [...here, ...elements.flatMap((element) => pathsOf(set.children.get(element)!, [...from, element]))]
}
