import type Docker from 'dockerode'
import { refs } from '../../src-kube/client/refs.ts'
import { isNotFound, StatusError } from '../../src-kube/machinery/errors.ts'
import type { HttpTransport } from '../../src-wire/http-transport.ts'
import { statusOf } from './docker/engine.ts'
import { podsOn } from './api.ts'
import { beginsAnew, type NodeConfig, type NodeMachine, type Provider } from './provider.ts'
import { nearest } from './nearest.ts'
import { readyOrDead } from './ready.ts'
import { UserError } from './user-error.ts'

/** What does not change from node to node. */
export type SharedNodeConfig = Omit<NodeConfig, 'node' | 'address'>

/** What adding, removing, stopping and starting nodes of a running cluster takes. */
export interface NodeOperationsOptions {
  provider: Provider
  api: HttpTransport
  shared: SharedNodeConfig
  log?: (line: string) => void
  /** Throws a `UserError` when the machine has no room for one more node. */
  checkRoom?: () => Promise<void>
}

const NODE_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
/** Milliseconds a node gets to become Ready, and a drain to finish. */
const READY_TIMEOUT = 120_000
const DRAIN_TIMEOUT = 60_000

/** Adding, removing, stopping and starting nodes of a running cluster: what `drydock node …` and the app both call. */
export class NodeOperations {
  readonly #provider: Provider
  readonly #api: HttpTransport
  readonly #shared: SharedNodeConfig
  readonly #log: (line: string) => void
  readonly #checkRoom: () => Promise<void>

  constructor({ provider, api, shared, log = () => {}, checkRoom = async () => {} }: NodeOperationsOptions) {
    this.#provider = provider
    this.#api = api
    this.#shared = shared
    this.#log = log
    this.#checkRoom = checkRoom
  }

  /** Creates the machine; the node joins by itself. Undoes itself when the node dies before it is Ready. */
  async add(name: string): Promise<void> {
    if (!NODE_NAME.test(name)) {
      throw new UserError(
        `"${name}" is no node name.`,
        'Use at most 63 lower-case letters, digits and "-", as in "n4".',
      )
    }
    if ((await this.#provider.list()).some((node) => node.name === name)) {
      throw new UserError(
        `Node ${name} is there already.`,
        `Choose another name, or remove it with \`drydock node remove ${name}\`.`,
      )
    }
    await this.#checkRoom()
    await this.createMachine(name)
    try {
      await readyOrDead(this.#api, this.#provider, [name], { timeout: READY_TIMEOUT })
    } catch (error) {
      this.#log(`removing what was made of ${name}`)
      await this.discard(name)
      throw error
    }
  }

  /** Removes machine, volumes and Node without a drain: what a failed creation left. */
  async discard(name: string): Promise<void> {
    await this.#provider.delete(name)
    await this.#forget(name)
  }

  async createMachine(name: string): Promise<void> {
    const address = await this.#provider.addressFor(name)
    await this.#provider.create({ name, config: { ...this.#shared, node: name, address } })
  }

  /** Tells an existing machine where the API server is now. */
  async configure(name: string): Promise<void> {
    const address = await this.#provider.addressFor(name)
    await this.#provider.configure(name, { ...this.#shared, node: name, address })
  }

  /** Cordons, evicts every pod but those of DaemonSets, then removes Node, machine and volumes. */
  async remove(name: string): Promise<void> {
    const machine = await existingMachine(this.#provider, name)
    if (machine.state === 'running') await this.drain(name)
    await this.discard(name)
  }

  /** `kubectl drain --ignore-daemonsets --delete-emptydir-data --force`, as one call; pods that will not leave in time are told of. */
  async drain(name: string): Promise<void> {
    await this.#cordon(name)
    const leaving = (await podsOn(this.#api, name)).items.filter(
      (pod) => !pod.metadata.ownerReferences?.some((owner) => owner.controller && owner.kind === 'DaemonSet'),
    )
    for (const pod of leaving) await this.#evict(pod.metadata.namespace ?? 'default', pod.metadata.name)
    await this.#gone(name, new Set(leaving.map((pod) => pod.metadata.uid)))
  }

  /** A node that has gone takes no pods anyway. */
  async #cordon(name: string): Promise<void> {
    try {
      await this.#api.request({
        verb: 'patch',
        resource: refs.nodes,
        name,
        patchType: 'application/merge-patch+json',
        body: { spec: { unschedulable: true } },
      })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  async #evict(namespace: string, name: string): Promise<void> {
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } }
    try {
      await this.#api.request({ verb: 'create', resource: refs.pods, namespace, name, subresource: 'eviction', body })
    } catch (error) {
      if (error instanceof StatusError && error.code === 429) {
        this.#log(`${namespace}/${name}: ${error.message}`)
        return
      }
      if (!isNotFound(error)) throw error
    }
  }

  /** Waits until the evicted pods are gone, by watching them. */
  async #gone(node: string, uids: Set<string>): Promise<void> {
    const signal = AbortSignal.timeout(DRAIN_TIMEOUT)
    const query = { fieldSelector: `spec.nodeName=${node}` }
    try {
      const list = await podsOn(this.#api, node)
      const present = new Set(list.items.map((pod) => pod.metadata.uid))
      for (const uid of uids) if (!present.has(uid)) uids.delete(uid)
      if (uids.size === 0) return
      const watch = {
        resource: refs.pods,
        query: { ...query, resourceVersion: list.metadata.resourceVersion ?? '0' },
        signal,
      }
      for await (const event of this.#api.watch(watch)) {
        if (event.type === 'DELETED') uids.delete(event.object.metadata.uid)
        if (uids.size === 0) return
      }
    } catch (error) {
      if (!signal.aborted) throw error
      this.#log(`${uids.size} pods did not leave ${node} in time; they go with the node`)
    }
  }

  async #forget(name: string): Promise<void> {
    try {
      await this.#api.request({ verb: 'delete', resource: refs.nodes, name })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  /** Stops the machine; one that is stopped already is left as it is. */
  async stop(name: string): Promise<void> {
    await existingMachine(this.#provider, name)
    await this.#provider.stop(name)
  }

  /** Starts or resumes the machine, and waits until the node is heard of again and Ready. */
  async start(name: string): Promise<void> {
    const since = Date.now()
    const anew = new Set(beginsAnew(await existingMachine(this.#provider, name)) ? [name] : [])
    await this.wake(name)
    await readyOrDead(this.#api, this.#provider, [name], { timeout: READY_TIMEOUT, since, anew })
  }

  async wake(name: string): Promise<void> {
    const machine = await existingMachine(this.#provider, name)
    if (machine.state === 'paused') await this.#provider.resume(name)
    await this.configure(name)
    if (machine.state !== 'running' && machine.state !== 'paused') await this.#provider.start(name)
  }
}

/** The machine of that name; without one a `UserError` that says which there are and which may have been meant. */
export async function existingMachine(provider: Provider, name: string): Promise<NodeMachine> {
  const machines = await provider.list()
  const found = machines.find((machine) => machine.name === name)
  if (found) return found
  const names = machines.map((machine) => machine.name)
  const meant = nearest(name, names)
  throw new UserError(
    `There is no node "${name}".`,
    names.length === 0
      ? 'The cluster has no nodes; make one with `drydock node add NAME`.'
      : `${meant ? `Did you mean "${meant}"? ` : ''}There is ${names.join(', ')}.`,
  )
}

/**
 * Copies images of the desktop's engine into every running node. Names that the desktop lacks are a `UserError`, as are, once all others have them, nodes that
 * did not take them.
 */
export async function loadImages(
  docker: Docker,
  provider: Provider,
  references: readonly string[],
  log: (line: string) => void,
): Promise<void> {
  for (const reference of references) {
    try {
      await docker.getImage(reference).inspect()
    } catch (cause) {
      if (statusOf(cause) !== 404 && statusOf(cause) !== 400) throw cause
      throw new UserError(
        `Docker on this machine has no image "${reference}".`,
        'Build or pull it first; `docker images` lists what is there.',
        { cause },
      )
    }
  }
  const running = (await provider.list()).filter((node) => node.state === 'running')
  if (running.length === 0)
    throw new UserError('No node is running that could take an image.', 'Start the cluster with `drydock up`.')
  const failed: Array<{ node: string; cause: unknown }> = []
  for (const { name: node } of running) {
    try {
      for (const reference of references) {
        await provider.loadImage(node, await docker.getImage(reference).get())
        log(`${reference} is on ${node}`)
      }
    } catch (cause) {
      // A node that stops meanwhile keeps the images from no other.
      failed.push({ node, cause })
    }
  }
  if (failed.length === 0) return
  const words = failed.map(({ node, cause }) => `${node} did not take the images: ${wordsOf(cause)}`)
  throw new UserError(words.join('\n'), 'See with `drydock status` that all nodes run, and load again.', {
    cause: failed[0]!.cause,
  })
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).trim()
