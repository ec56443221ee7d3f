import { iptablesRules, jumps, type Jump, type RuleSet } from '../rules/iptables.ts'
import { countRules, dynamicChains, restoreInput } from '../rules/restore.ts'
import type { Backend, BackendOptions, ProxyHost, Wanted, Written } from './backend.ts'

const RESTORE = ['--noflush', '-w', '5']

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
    if (input !== undefined) await host.run('iptables-restore', RESTORE, { stdin: input })
    if (!applied) await ensureJumps(host, jumps)
    this.#applied = wanted
    return { isFull: !applied, rules: countRules(wanted, applied) }
  }
}

/** Puts what leads from the built-in chains into ours first where it is missing. */
export async function ensureJumps(host: ProxyHost, wanted: readonly Jump[]): Promise<void> {
  const saved = { nat: '', filter: '' }
  for (const table of ['nat', 'filter'] as const) saved[table] = (await host.run('iptables-save', ['-t', table])).stdout
  for (const { table, chain, rule } of wanted.toReversed()) {
    const target = rule.split(' ').at(-1)
    const present = saved[table]
      .split('\n')
      .some((line) => line.startsWith(`-A ${chain} `) && line.endsWith(`-j ${target}`))
    if (present) continue
    const input = [`*${table}`, `-I ${chain} 1 ${rule}`, 'COMMIT', ''].join('\n')
    await host.run('iptables-restore', RESTORE, { stdin: input })
  }
}
