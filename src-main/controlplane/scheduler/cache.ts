import type { Node } from '#types/core/v1'
import { NodeInfo } from './framework/node-info.ts'
import type { PodInfo } from './framework/pod-info.ts'
import type { Lookups, Snapshot } from './framework/snapshot.ts'

/**
 * Nodes with their pods. A pod counts from the moment it is assumed (its binding is under way) until the informer confirms it, the
 * binding fails (`forget`), or the pod is deleted.
 */
export class SchedulerCache implements Snapshot {
  readonly lookups: Lookups
  readonly nodes: NodeInfo[] = []
  readonly withAffinity = new Set<NodeInfo>()
  readonly withRequiredAntiAffinity = new Set<NodeInfo>()
  softTainted = 0
  readonly #all = new Map<string, NodeInfo>()
  /** Where each pod that counts is, by uid. */
  readonly #placed = new Map<string, NodeInfo>()
  readonly #assumed = new Set<string>()
  readonly #imageNodes = new Map<string, number>()

  constructor(lookups: Lookups) {
    this.lookups = lookups
  }

  node(name: string): NodeInfo | undefined {
    const found = this.#all.get(name)
    return found?.node ? found : undefined
  }

  imageNodes(name: string): number {
    return this.#imageNodes.get(name) ?? 0
  }

  setNode(node: Node): void {
    const info = this.#info(node.metadata.name)
    if (!info.node) this.nodes.push(info)
    this.#tally(info, -1)
    info.setNode(node)
    this.#tally(info, 1)
  }

  removeNode(name: string): void {
    const info = this.#all.get(name)
    if (!info?.node) return
    this.#tally(info, -1)
    info.node = undefined
    info.images = new Map()
    info.taints = []
    this.nodes.splice(this.nodes.indexOf(info), 1)
    this.#dropIfEmpty(info)
  }

  /** Counts a pod on a node before the API server knows. */
  assume(pod: PodInfo, nodeName: string): void {
    this.#place(pod, nodeName)
    this.#assumed.add(pod.uid)
  }

  isAssumed(uid: string): boolean {
    return this.#assumed.has(uid)
  }

  /** Takes an assumed pod back; does nothing once it is confirmed. */
  forget(uid: string): void {
    if (this.#assumed.delete(uid)) this.#unplace(uid)
  }

  /** A pod as the informer knows it on its node: confirms an assumption, even one about another node. */
  setPod(pod: PodInfo, nodeName: string): void {
    this.#assumed.delete(pod.uid)
    this.#unplace(pod.uid)
    this.#place(pod, nodeName)
  }

  removePod(uid: string): void {
    this.#assumed.delete(uid)
    this.#unplace(uid)
  }

  #info(name: string): NodeInfo {
    let info = this.#all.get(name)
    if (!info) this.#all.set(name, (info = new NodeInfo(name)))
    return info
  }

  #place(pod: PodInfo, nodeName: string): void {
    const info = this.#info(nodeName)
    info.addPod(pod)
    this.#placed.set(pod.uid, info)
    this.#listAffinity(info)
  }

  #unplace(uid: string): void {
    const info = this.#placed.get(uid)
    if (!info) return
    this.#placed.delete(uid)
    info.removePod(uid)
    this.#listAffinity(info)
    this.#dropIfEmpty(info)
  }

  #listAffinity(info: NodeInfo): void {
    if (info.withAffinity.size) this.withAffinity.add(info)
    else this.withAffinity.delete(info)
    if (info.withRequiredAntiAffinity.size) this.withRequiredAntiAffinity.add(info)
    else this.withRequiredAntiAffinity.delete(info)
  }

  #dropIfEmpty(info: NodeInfo): void {
    if (!info.node && info.pods.size === 0) this.#all.delete(info.name)
  }

  #tally(info: NodeInfo, sign: 1 | -1): void {
    if (info.taints.some((taint) => taint.effect === 'PreferNoSchedule')) this.softTainted += sign
    for (const name of info.images.keys()) {
      const count = (this.#imageNodes.get(name) ?? 0) + sign
      if (count > 0) this.#imageNodes.set(name, count)
      else this.#imageNodes.delete(name)
    }
  }
}
