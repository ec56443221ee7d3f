import { refs } from '../../src-kube/client/refs.ts'
import { createClient, type TypedRef } from '../../src-kube/client/typed-client.ts'
import type { ObjectLike } from '../../src-kube/machinery/meta.ts'
import type { HttpTransport } from '../../src-wire/http-transport.ts'
import type { Lease } from '#types/coordination.k8s.io/v1'
import type { Node } from '#types/core/v1'
import { isReady } from './api.ts'
import type { Provider } from './provider.ts'
import { UserError } from './user-error.ts'

/** Namespace of the nodes' leases (kubernetes.io, "Leases"). */
const LEASES = 'kube-node-lease'
/** Lines of a dead node's log that are quoted. */
const LAST_LINES = 5

/** How long nodes are waited for, and what counts as Ready. */
export interface ReadyOptions {
  /** Milliseconds. */
  timeout: number
  signal?: AbortSignal | undefined
  /** Hears each node that becomes Ready. */
  seen?: ((name: string) => void) | undefined
  /**
   * Epoch milliseconds. Given, what was stored before does not count: each node must also have been heard of since then, by its lease
   * or a heartbeat of its Ready condition. A lease renewed under our eyes counts whatever the node's clock says.
   */
  since?: number | undefined
  /**
   * Those whose machines start anew: their leases count no more than what was stored, as an agent renews its own before it knows whether
   * its engine runs. What it says of itself counts, which it does first of all.
   */
  anew?: ReadonlySet<string> | undefined
}

/**
 * Resolves when every named node is Ready. Throws a `UserError` that names those that were not in time, with what their Ready condition
 * says, and the reason of `signal` when that is aborted.
 */
export async function waitReady(api: HttpTransport, names: readonly string[], options: ReadyOptions): Promise<void> {
  if (names.length === 0) return
  const board = new Board(names, options)
  const deadline = AbortSignal.timeout(options.timeout)
  const ends = [deadline, board.complete, ...(options.signal ? [options.signal] : [])]
  const signal = AbortSignal.any(ends)
  try {
    await Promise.all([
      follow(api, { ref: refs.nodes, signal }, (node) => board.node(node)),
      ...(options.since === undefined
        ? []
        : [
            follow(api, { ref: refs.leases, namespace: LEASES, signal }, (lease, source) => board.lease(lease, source)),
          ]),
    ])
  } catch (error) {
    if (!signal.aborted) throw error
  }
  if (board.complete.aborted) return
  options.signal?.throwIfAborted()
  throw new UserError(
    `Not Ready within ${Math.round(options.timeout / 1000)} s: ${board.missing()}.`,
    'See what the node says with `docker logs drydock-<cluster>-<node>`, then run `drydock up` again.',
  )
}

/** What is known of the awaited nodes. */
class Board {
  readonly #waiting: Set<string>
  readonly #fresh: Set<string>
  readonly #nodes = new Map<string, Node>()
  /** Renewal times as first listed: one that differs was made under our eyes. */
  readonly #leases = new Map<string, string | undefined>()
  readonly #since: number
  readonly #anew: ReadonlySet<string>
  readonly #seen: (name: string) => void
  readonly #complete = new AbortController()

  constructor(names: readonly string[], { since, anew = new Set(), seen = () => {} }: ReadyOptions) {
    this.#waiting = new Set(names)
    this.#fresh = new Set(since === undefined ? names : [])
    // Heartbeats are told in seconds.
    this.#since = Math.floor((since ?? 0) / 1000) * 1000
    this.#anew = anew
    this.#seen = seen
  }

  /** Aborted once nobody is waited for. */
  get complete(): AbortSignal {
    return this.#complete.signal
  }

  node(node: Node): void {
    const { name } = node.metadata
    this.#nodes.set(name, node)
    const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready')
    if (ready?.lastHeartbeatTime && Date.parse(ready.lastHeartbeatTime) >= this.#since) this.#fresh.add(name)
    this.#look(name)
  }

  lease(lease: Lease, source: Source): void {
    const { name } = lease.metadata
    if (this.#anew.has(name)) return
    const renewed = lease.spec?.renewTime
    if (source === 'list' && !this.#leases.has(name)) this.#leases.set(name, renewed)
    if (renewed && (Date.parse(renewed) >= this.#since || renewed !== this.#leases.get(name))) this.#fresh.add(name)
    this.#look(name)
  }

  #look(name: string): void {
    const node = this.#nodes.get(name)
    if (!node || !isReady(node) || !this.#fresh.has(name) || !this.#waiting.delete(name)) return
    this.#seen(name)
    if (this.#waiting.size === 0) this.#complete.abort()
  }

  /** The nodes that are still waited for, each with what it says. */
  missing(): string {
    return [...this.#waiting].map((name) => `${name} (${this.#describe(name)})`).join(', ')
  }

  #describe(name: string): string {
    const node = this.#nodes.get(name)
    if (!node) return 'it never registered'
    if (isReady(node)) return 'it was Ready before and has not been heard of since'
    const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready')
    return ready ? `${ready.reason ?? ready.status}: ${ready.message ?? ''}` : 'it reports no condition'
  }
}

/** Whether an object was there already, or came while it was watched. */
type Source = 'list' | 'watch'

interface Followed<T extends ObjectLike> {
  ref: TypedRef<T>
  namespace?: string
  signal: AbortSignal
}

/** Lists, then watches until the signal is aborted; `source` tells the two apart. */
async function follow<T extends ObjectLike>(
  api: HttpTransport,
  { ref, namespace, signal }: Followed<T>,
  look: (object: T, source: Source) => void,
): Promise<void> {
  const resource = createClient(api).resource(ref)
  const list = await resource.list({ namespace })
  list.items.forEach((item) => look(item, 'list'))
  let version = list.metadata.resourceVersion ?? '0'
  while (!signal.aborted) {
    for await (const event of resource.watch({ namespace, query: { resourceVersion: version }, signal })) {
      version = event.object.metadata.resourceVersion
      if (event.type === 'ADDED' || event.type === 'MODIFIED') look(event.object, 'watch')
    }
  }
}

/**
 * {@link waitReady}, but a machine that ends meanwhile is an error at once: it quotes the last lines of the machine's log, as those are
 * gone when the machine is removed.
 */
export async function readyOrDead(
  api: HttpTransport,
  provider: Provider,
  names: readonly string[],
  options: ReadyOptions,
): Promise<void> {
  const over = new AbortController()
  const signal = options.signal ? AbortSignal.any([over.signal, options.signal]) : over.signal
  const watchOver = async (name: string): Promise<void> => {
    try {
      await provider.ended(name, signal)
      over.abort(await death(provider, name))
    } catch (error) {
      if (!signal.aborted) over.abort(error)
    }
  }
  const watching = names.map(watchOver)
  try {
    await waitReady(api, names, { ...options, signal })
  } finally {
    over.abort()
    await Promise.all(watching)
  }
}

async function death(provider: Provider, name: string): Promise<UserError> {
  const lines = await provider.logs(name, LAST_LINES)
  return new UserError(
    `Node ${name} died while it was starting${lines.length > 0 ? `; the last it said: ${lines.join(' | ')}` : ''}.`,
    'Check the engine with `docker info` and its disk with `docker system df`, then repeat.',
  )
}
