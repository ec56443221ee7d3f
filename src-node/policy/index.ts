/**
 * NetworkPolicies on this node: a document of the control plane → chains of the filter table and sets of addresses. The kernel enforces, and goes
 * on while the agent is away: nothing is kept in a file, since a node that starts anew has neither rules nor the pods that they were for.
 */
import type { Clock } from '../../src-kube/machinery/clock.ts'
import type { NetworkPolicyDocument } from '../../src-wire/node/network-policy.ts'
import { alteredChains } from '../host/saved-rules.ts'
import { policyChains } from './plan/chains.ts'
import { isOurSet } from './plan/names.ts'
import { type Applied, type BuiltIn, chainsFound, restoreInput } from './plan/restore.ts'
import { addressSets, type AppliedSets, missingSets, setsInput } from './plan/sets.ts'
import { whyNoSets } from './trial.ts'

/** Runs a program of the node; rejects when it fails, with what it said. */
export interface PolicyHost {
  run(command: string, args: readonly string[], options?: { stdin?: string }): Promise<{ stdout: string }>
}

/** The node that policies are enforced on. */
export interface PolicyOptions {
  host: PolicyHost
  /** The DNS service's address, which this node answers itself. */
  dnsAddress: string
  log(message: string): void
}

/** What the kernel has of ours. */
interface State {
  chains: Applied
  sets: AppliedSets
}

const wait = ['-w', '5']
const nothing: NetworkPolicyDocument = { peers: {}, ports: {}, rules: {}, pods: [] }

/** Milliseconds between two looks at whether the rules are still there. */
const LOOK = 10_000

/** Has rules that somebody removed written again, until the signal. */
export function keepPolicies(
  policies: Pick<NetworkPolicies, 'repair'>,
  { clock, signal, log }: { clock: Clock; signal: AbortSignal; log(message: string): void },
): void {
  const look = async (): Promise<void> => {
    if (signal.aborted) return
    await policies.repair().catch((error: unknown) => log(`network policies: ${String(error)}`))
    clock.after(LOOK, () => void look())
  }
  clock.after(LOOK, () => void look())
}

/** Applies documents one at a time; what comes meanwhile waits its turn. */
export class NetworkPolicies {
  readonly #options: PolicyOptions
  #queue: Promise<unknown> = Promise.resolve()
  /** Undefined when nobody knows, at the start and after a failure. */
  #applied: State | undefined
  #document = nothing
  /** Undefined until it was tried. */
  #hasSets: boolean | undefined

  constructor(options: PolicyOptions) {
    this.#options = options
  }

  /** Resolves when the kernel does as the document says. Throws in the words of the command that failed: no rule is changed then. */
  readonly enforce = (document: NetworkPolicyDocument): Promise<void> =>
    this.#next(() => {
      this.#document = document
      return this.#apply()
    })

  /** Takes the first place again after others have put rules before ours. */
  stayFirst(): Promise<void> {
    return this.#next(async () => {
      if (this.#document.pods.length > 0) await this.#apply()
    })
  }

  /** Looks whether the kernel has what the document made of it, with our rules first; what somebody removed, as by `iptables -F`, is written again. */
  repair(): Promise<void> {
    return this.#next(async () => {
      if (this.#document.pods.length === 0) return
      const missing = this.#applied ? await this.#missing(this.#applied) : []
      if (missing.length > 0) {
        this.#options.log(`network policies: ${missing.length} chains or sets are missing and are written again`)
        this.#applied = undefined
      }
      await this.#apply()
    })
  }

  async #missing({ chains, sets }: State): Promise<string[]> {
    const { host } = this.#options
    const written = new Map([...chains].map(([chain, rules = []]) => [chain, rules]))
    const altered = alteredChains(written, (await host.run('iptables', [...wait, '-S'])).stdout)
    if (sets.size === 0) return altered
    return [...altered, ...missingSets(sets, (await host.run('ipset', ['list', '-terse'])).stdout)]
  }

  #next(step: () => Promise<void>): Promise<void> {
    const mine = this.#queue.then(step)
    this.#queue = mine.catch(() => undefined)
    return mine
  }

  async #apply(): Promise<void> {
    const document = this.#document
    let applied = this.#applied ?? (await this.#found())
    // Until it is done nobody knows.
    this.#applied = undefined
    if (document.pods.length > 0 && this.#hasSets === undefined) {
      this.#hasSets = await this.#trySets()
      applied = { ...applied, sets: new Map([...(await this.#foundSets()), ...applied.sets]) }
    }
    this.#applied = await this.#write(document, applied)
  }

  /** Sets before the rules that name them, and gone after those that named them. */
  async #write(document: NetworkPolicyDocument, applied: State): Promise<State> {
    const { host, dnsAddress } = this.#options
    const sets = this.#hasSets === true
    const wanted = {
      chains: policyChains(document, { sets, dnsAddress }),
      sets: sets ? addressSets(document) : new Map<string, never>(),
    }
    const filled = setsInput(wanted.sets, applied.sets)
    if (filled) await host.run('ipset', ['-exist', 'restore'], { stdin: filled })
    if (wanted.chains.size + applied.chains.size > 0) {
      const builtIns = await Promise.all(['FORWARD', 'INPUT'].map((chain) => this.#builtIn(chain)))
      const input = restoreInput(wanted.chains, applied.chains, builtIns, dnsAddress)
      if (input) await host.run('iptables-restore', ['--noflush', ...wait], { stdin: input })
    }
    const gone = [...applied.sets.keys()].filter((name) => !wanted.sets.has(name))
    const left = await this.#destroy(gone)
    return { chains: wanted.chains, sets: new Map([...wanted.sets, ...left]) }
  }

  /** Answers those that remain: the kernel forgets the rules that named a set a moment after they are gone, so that it may be in use still. */
  async #destroy(names: readonly string[]): Promise<AppliedSets> {
    if (names.length === 0) return new Map()
    try {
      await this.#options.host.run('ipset', ['restore'], { stdin: names.map((name) => `destroy ${name}\n`).join('') })
      return new Map()
    } catch (error) {
      if (!/in use by a kernel component/.test(String(error))) throw error
      return new Map([...(await this.#foundSets())].filter(([name]) => names.includes(name)))
    }
  }

  async #builtIn(chain: string): Promise<BuiltIn> {
    return { chain, saved: (await this.#options.host.run('iptables', [...wait, '-S', chain])).stdout }
  }

  /** What an agent before this one has left. */
  async #found(): Promise<State> {
    const { stdout } = await this.#options.host.run('iptables', [...wait, '-S'])
    return { chains: chainsFound(stdout), sets: await this.#foundSets() }
  }

  async #foundSets(): Promise<AppliedSets> {
    // A kernel that knows no sets has none of ours.
    const names = await this.#options.host.run('ipset', ['list', '-name']).then(
      ({ stdout }) => stdout.split('\n').filter(isOurSet),
      () => [],
    )
    return new Map(names.map((name) => [name, undefined]))
  }

  async #trySets(): Promise<boolean> {
    const { host, log } = this.#options
    const why = await whyNoSets(host)
    if (why === undefined) return true
    log(`network policies: no sets of addresses here, a rule for each address instead: ${why}`)
    return false
  }
}
