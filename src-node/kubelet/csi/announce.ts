import type { Node } from '#types/core/v1'
import type { CSINode, CSINodeDriver } from '#types/storage.k8s.io/v1'
import type { Informer } from '../../../src-kube/client/informer.ts'
import { refs } from '../../../src-kube/client/refs.ts'
import type { Client } from '../../../src-kube/client/typed-client.ts'
import { isAlreadyExists, isNotFound } from '../../../src-kube/machinery/errors.ts'
import type { DriverNodeInfo } from './api.ts'
import type { DriverAnnouncer } from './drivers.ts'
import {
  changedDrivers,
  changedNodeIds,
  driverEntry,
  emptyCsiNode,
  NODE_IDS,
  topologyConflict,
} from './plan/csi-node.ts'

/** Whose drivers are told of. */
export interface AnnounceOptions {
  client: Client
  nodeName: string
  nodes: Pick<Informer<Node>, 'get' | 'on'>
}

/**
 * Tells the cluster of the node's drivers: in its CSINode, by what the drivers call the node (an annotation of the Node), and by the labels of where
 * their volumes can be reached (kubernetes.io, "CSINode"; kubernetes-csi.github.io, "Topology"). One driver after the other, since all share the objects.
 */
export class NodeAnnouncer implements DriverAnnouncer {
  readonly #options: AnnounceOptions
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: AnnounceOptions) {
    this.#options = options
  }

  announce(driver: string, info: DriverNodeInfo): Promise<void> {
    return this.#inTurn(async () => {
      await this.#tellNode(driver, info.nodeId, info.accessibleTopology?.segments ?? {})
      await this.#tellCsiNode(driver, driverEntry(driver, info))
    })
  }

  withdraw(driver: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#tellCsiNode(driver, undefined)
      await this.#tellNode(driver, undefined, {})
    })
  }

  /** Makes the CSINode, which every node has, as soon as the node is known. */
  prepare(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#registered()
      await this.#csiNode()
    })
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  #registered(): Promise<void> {
    const { nodes, nodeName } = this.#options
    return new Promise((resolve) => {
      let stop: () => void = () => undefined
      const look = ({ metadata }: Node): void => {
        if (metadata.name !== nodeName) return
        queueMicrotask(() => stop())
        resolve()
      }
      stop = nodes.on({ add: look })
    })
  }

  async #tellNode(driver: string, nodeId: string | undefined, segments: Record<string, string>): Promise<void> {
    const { client, nodeName } = this.#options
    const nodes = client.resource(refs.nodes)
    const { metadata } = await nodes.get(nodeName)
    const conflict = topologyConflict(metadata.labels ?? {}, segments)
    if (conflict) throw new Error(conflict)
    const before = metadata.annotations?.[NODE_IDS]
    const after = changedNodeIds(before, driver, nodeId)
    const same = Object.entries(segments).every(([key, value]) => metadata.labels?.[key] === value)
    if (after === before && same) return
    const body = { metadata: { annotations: { [NODE_IDS]: after ?? null }, labels: segments } }
    await nodes.patch({ name: nodeName, type: 'application/merge-patch+json', body })
  }

  /** What is known of a driver may not change while it is listed: it goes, then comes anew. */
  async #tellCsiNode(driver: string, entry: CSINodeDriver | undefined): Promise<void> {
    const found = await this.#csiNode()
    const drivers = changedDrivers(found.spec.drivers ?? [], driver, entry)
    if (!drivers) return
    const csiNodes = this.#options.client.resource(refs.csiNodes)
    const isListed = found.spec.drivers?.some(({ name }) => name === driver)
    const without = drivers.filter(({ name }) => name !== driver)
    const bare = isListed ? await csiNodes.update({ ...found, spec: { ...found.spec, drivers: without } }) : found
    if (entry) await csiNodes.update({ ...bare, spec: { ...bare.spec, drivers } })
  }

  async #csiNode(): Promise<CSINode> {
    const { client, nodeName } = this.#options
    const csiNodes = client.resource(refs.csiNodes)
    try {
      return await csiNodes.get(nodeName)
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
    const { metadata } = await client.resource(refs.nodes).get(nodeName)
    try {
      return await csiNodes.create(emptyCsiNode(nodeName, metadata.uid))
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
      return csiNodes.get(nodeName)
    }
  }
}
