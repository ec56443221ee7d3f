import { type Backoff, createBackoff } from '../../../../src-kube/client/backoff.ts'
import type { Clock, Timer } from '../../../../src-kube/machinery/clock.ts'
import type { NetworkPolicyDocument } from '../../../../src-wire/node/network-policy.ts'
import type { NodeTunnels } from '../../../../src-wire/node/node-connection.ts'

/** How nodes are sent their policies, through their tunnels; what fails is sent again. */
export interface DeliveryOptions {
  tunnels: Pick<NodeTunnels, 'get' | 'has'>
  clock: Clock
  log(message: string, error: unknown): void
}

interface Recipient {
  document: NetworkPolicyDocument
  text: string
  /** What the node enforces, as far as is known. */
  enforced: string | undefined
  sending: boolean
  retry: Timer | undefined
  backoff: Backoff
  /** What was logged last, so that it is logged once. */
  failure: string
}

/** Milliseconds after which what a node failed to enforce is sent again: at first, and at most. */
const retry = { base: 500, max: 30_000 }

/**
 * Brings each node its document: one at a time, the newest next, nothing that the node has already, and again until the node says that its kernel
 * does so. A node that has gone is forgotten.
 */
export class Delivery {
  readonly #options: DeliveryOptions
  readonly #recipients = new Map<string, Recipient>()

  constructor(options: DeliveryOptions) {
    this.#options = options
  }

  /** Whether this node has been given a document since it was forgotten. */
  knows(node: string): boolean {
    return this.#recipients.has(node)
  }

  /** What the node has is unknown from now on: another agent may be there. An answer that is still to come tells nothing of that one. */
  forget(node: string): void {
    this.#recipients.get(node)?.retry?.cancel()
    this.#recipients.delete(node)
  }

  send(node: string, document: NetworkPolicyDocument): void {
    const text = JSON.stringify(document)
    let to = this.#recipients.get(node)
    if (!to) {
      const backoff = createBackoff(retry)
      const fresh = { enforced: undefined, sending: false, retry: undefined, failure: '' }
      this.#recipients.set(node, (to = { ...fresh, document, text, backoff }))
    } else if (to.text !== text) {
      Object.assign(to, { document, text })
      to.backoff.reset()
    }
    this.#bring(node, to)
  }

  #bring(node: string, to: Recipient): void {
    to.retry?.cancel()
    to.retry = undefined
    if (this.#recipients.get(node) !== to || to.sending || to.enforced === to.text) return
    to.sending = true
    const { text, document } = to
    this.#enforce(node, document).then(
      () => {
        to.sending = false
        to.failure = ''
        to.backoff.reset()
        to.enforced = text
        this.#bring(node, to)
      },
      (error: unknown) => {
        to.sending = false
        this.#failed(node, to, error)
      },
    )
  }

  async #enforce(node: string, document: NetworkPolicyDocument): Promise<void> {
    await this.#options.tunnels.get(node).enforceNetworkPolicy?.(document)
  }

  #failed(node: string, to: Recipient, error: unknown): void {
    const { tunnels, clock, log } = this.#options
    if (this.#recipients.get(node) !== to) return
    if (!tunnels.has(node)) return this.forget(node)
    if (to.failure !== String(error)) log(`network policies on node ${node}`, error)
    to.failure = String(error)
    to.retry = clock.after(to.backoff.next(), () => this.#bring(node, to))
  }

  stop(): void {
    for (const node of this.#recipients.keys()) this.forget(node)
  }
}
