import { alteredChains } from '../../host/saved-rules.ts'
import { iptablesRules, jumps, type Jump, type RuleSet } from '../rules/iptables.ts'
import { countRules, dynamicChains, restoreInput } from '../rules/restore.ts'
import type { Backend, BackendOptions, ProxyHost, Wanted, Written } from './backend.ts'

const restore = ['--noflush', '-w', '5']

/** One `iptables-restore --noflush` of only the chains that changed. */
export class IptablesBackend implements Backend {
  readonly #options: BackendOptions
  /** What the last successful write left in the kernel. */
  #applied: RuleSet | undefined

  constructor(options: BackendOptions) {
    this.#options = options
  }

  async write({ ports, hostPorts }: Wanted): Promise<Written> {
    const { host, clusterCidr, dnsAddress } = this.#options
    const applied = this.#applied
    // What the kernel holds is unknown until it is done.
    this.#applied = undefined
    const stale = applied ? [] : dynamicChains((await host.run('iptables-save', ['-t', 'nat'])).stdout)
    const wanted = iptablesRules({ ports, hostPorts, clusterCidr, dnsAddress })
    const input = restoreInput(wanted, applied, stale)
    if (input !== undefined) await host.run('iptables-restore', restore, { stdin: input })
    if (!applied) await ensureJumps(host, jumps)
    this.#applied = wanted
    return { isFull: !applied, rules: countRules(wanted, applied) }
  }

  async missing(): Promise<readonly string[]> {
    const missing = this.#applied ? await missingRules(this.#options.host, this.#applied) : []
    if (missing.length > 0) this.#applied = undefined
    return missing
  }
}

/** Chains of iptables that are not as they were written, and built-in ones that do not lead into ours. */
export async function missingRules(host: ProxyHost, written: RuleSet): Promise<string[]> {
  const saved = await savedTables(host)
  const altered = (['nat', 'filter'] as const).flatMap((table) => alteredChains(written[table], saved[table]))
  return [...altered, ...jumps.filter((jump) => !leads(jump, saved)).map(({ chain }) => chain)]
}

/** Puts what leads from the built-in chains into ours first where it is missing. */
export async function ensureJumps(host: ProxyHost, wanted: readonly Jump[]): Promise<void> {
  const saved = await savedTables(host)
  for (const jump of wanted.toReversed()) {
    if (leads(jump, saved)) continue
    const { table, chain, rule } = jump
    const input = [`*${table}`, `-I ${chain} 1 ${rule}`, 'COMMIT', ''].join('\n')
    await host.run('iptables-restore', restore, { stdin: input })
  }
}

/** What `iptables-save` prints of the two tables. */
type Saved = Record<Jump['table'], string>

async function savedTables(host: ProxyHost): Promise<Saved> {
  const save = async (table: Jump['table']) => (await host.run('iptables-save', ['-t', table])).stdout
  return { nat: await save('nat'), filter: await save('filter') }
}

const leads = ({ table, chain, rule }: Jump, saved: Saved): boolean => {
  const target = rule.split(' ').at(-1)
  return saved[table].split('\n').some((line) => line.startsWith(`-A ${chain} `) && line.endsWith(`-j ${target}`))
}
