import type { ResourceRef } from '../../../../src-kube/kinds/descriptor.ts'
import type { ObjectLike, OwnerReference } from '../../../../src-kube/machinery/meta.ts'

/** What the collector knows of one object. */
export interface GraphNode {
  ref: ResourceRef
  uid: string
  name: string
  namespace: string | undefined
  owners: readonly OwnerReference[]
  deleting: boolean
  /** Deleted in the foreground: waits for its dependents. */
  waiting: boolean
  /** Deleted with its dependents to be kept. */
  orphaning: boolean
}

/**
 * Who owns whom, by uid. A dependent may be known before its owner: `dependentsOf` answers for owners never seen too.
 * Invariant: an edge stands in `#dependents` exactly while its dependent's node lists the owner.
 */
export class OwnerGraph {
  readonly #nodes = new Map<string, GraphNode>()
  readonly #dependents = new Map<string, Set<string>>()

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid)
  }

  dependentsOf(uid: string): GraphNode[] {
    return [...this.dependentUidsOf(uid)].flatMap((dependent) => this.#nodes.get(dependent) ?? [])
  }

  /** Of objects that name this one as an owner. */
  dependentUidsOf(uid: string): Iterable<string> {
    return this.#dependents.get(uid) ?? []
  }

  /** Takes in an object's present state; answers the node and what it was. */
  upsert(ref: ResourceRef, { metadata }: ObjectLike): { node: GraphNode; old: GraphNode | undefined } {
    const { uid, name, namespace, ownerReferences = [], finalizers = [] } = metadata
    const deleting = metadata.deletionTimestamp !== undefined
    const old = this.#nodes.get(uid)
    for (const owner of old?.owners ?? [])
      if (!ownerReferences.some((o) => o.uid === owner.uid)) this.#unlink(owner.uid, uid)
    for (const owner of ownerReferences) this.#link(owner.uid, uid)
    const node: GraphNode = {
      ref,
      uid,
      name,
      namespace,
      owners: ownerReferences,
      deleting,
      waiting: deleting && finalizers.includes('foregroundDeletion'),
      orphaning: deleting && finalizers.includes('orphan'),
    }
    this.#nodes.set(uid, node)
    return { node, old }
  }

  remove(uid: string): GraphNode | undefined {
    const node = this.#nodes.get(uid)
    if (!node) return undefined
    this.#nodes.delete(uid)
    for (const owner of node.owners) this.#unlink(owner.uid, uid)
    return node
  }

  #link(owner: string, dependent: string): void {
    const set = this.#dependents.get(owner) ?? new Set()
    this.#dependents.set(owner, set)
    set.add(dependent)
  }

  #unlink(owner: string, dependent: string): void {
    const set = this.#dependents.get(owner)
    set?.delete(dependent)
    if (set?.size === 0) this.#dependents.delete(owner)
  }
}
