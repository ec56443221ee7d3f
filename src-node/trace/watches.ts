import { badRequest } from '../../src-kube/machinery/errors.ts'
import type { WatchStep } from '../../src-wire/trace/steps.ts'
import type { FlowLine } from './conntrack.ts'
import { type FlowEvents, listenToFlows } from './events.ts'
import { isAddress } from './names.ts'
import type { TraceOptions } from './options.ts'
import type { SavedRule } from './rules.ts'
import { savedRules } from './saved-rules.ts'

/** Milliseconds after which a watch that nobody asked for ends. */
const LONGEST = 20_000
/** Watches at a time: each is a process. */
const MOST = 16

/** What is listened to for packets that are under way. */
export class Watches {
  readonly #options: TraceOptions
  readonly #running = new Map<string, { events: FlowEvents; before: SavedRule[]; end(): void }>()
  /** Names of those that are not listened to yet: they count too. */
  readonly #beginning = new Set<string>()

  constructor(options: TraceOptions) {
    this.#options = options
  }

  /** Begins one; resolves once the kernel tells it everything. Throws 400 for one that cannot be. */
  async begin(step: WatchStep): Promise<void> {
    const { id, protocol, sources } = step
    const isTaken = this.#running.has(id) || this.#beginning.has(id)
    if (typeof id !== 'string' || !/^[\w-]{1,64}$/.test(id) || isTaken) throw badRequest('no such watch can begin')
    if (protocol !== 'tcp' && protocol !== 'udp') throw badRequest('the protocol must be tcp or udp')
    if (!Array.isArray(sources) || !sources.every(isAddress)) throw badRequest('sources must be IPv4 addresses')
    if (this.#running.size + this.#beginning.size >= MOST) throw badRequest('too many packets are followed at once')
    this.#beginning.add(id)
    try {
      await this.#listen(step)
    } finally {
      this.#beginning.delete(id)
    }
  }

  async #listen({ id, protocol, sources }: WatchStep): Promise<void> {
    const from = new Set(sources)
    const before = await savedRules(this.#options)
    const events = await listenToFlows(this.#options, ['-p', protocol], ({ flow }) => from.has(flow.original.source))
    const timer = this.#options.clock.after(LONGEST, () => this.#end(id))
    this.#running.set(id, {
      events,
      before,
      end() {
        timer.cancel()
        events.stop()
      },
    })
  }

  /** What one has heard; undefined when there is none of that name (any more). */
  look(id: string): { command: string; lines: FlowLine[]; before: SavedRule[] } | undefined {
    const running = this.#running.get(id)
    return running && { command: running.events.command, lines: running.events.lines(), before: running.before }
  }

  end(id: string): void {
    this.#end(id)
  }

  #end(id: string): void {
    this.#running.get(id)?.end()
    this.#running.delete(id)
  }
}
