import { type NftTable, nftTable, TABLE } from '../rules/nftables/table.ts'
import { anew, gone, missingOf, nftInput, tableFound } from '../rules/nftables/transaction.ts'
import type { Backend, BackendOptions, ProxyHost, Wanted, Written } from './backend.ts'

/** One `nft -f` of only what changed, and one of what is gone. */
export class NftablesBackend implements Backend {
  readonly #options: BackendOptions
  /** What the kernel has: what was written last, and what could not be removed yet. */
  #applied: NftTable | undefined

  constructor(options: BackendOptions) {
    this.#options = options
  }

  async write({ ports, hostPorts }: Wanted): Promise<Written> {
    const { clusterCidr, serviceCidr, dnsAddress, nodeIp } = this.#options
    const applied = this.#applied
    // What the kernel holds is unknown until it is done.
    this.#applied = undefined
    const nodeAddresses = [nodeIp]
    const wanted = nftTable({ ports, hostPorts, clusterCidr, serviceCidr, dnsAddress, nodeAddresses })
    const removal = applied ? await this.#change(wanted, applied) : await this.#takeOver(wanted)
    this.#applied = wanted
    if (removal !== undefined) await this.#remove(removal, wanted, applied)
    return { isFull: !applied }
  }

  async missing(): Promise<readonly string[]> {
    const applied = this.#applied
    if (!applied) return []
    const missing = missingOf(applied, await listing(this.#options.host))
    if (missing.length > 0) this.#applied = undefined
    return missing
  }

  async #remove(removal: string, wanted: NftTable, applied: NftTable | undefined): Promise<void> {
    try {
      await this.#nft(removal)
    } catch (error) {
      // Nothing leads there any more: it goes with the next change.
      this.#options.log(`proxy: chains that are gone stay a while: ${String(error)}`)
      const left = gone(wanted, applied)
      this.#applied = {
        chains: new Map([
          ...wanted.chains,
          ...[...left.chains.keys()].map((name) => [name, { rules: undefined }] as const),
        ]),
        collections: new Map([...wanted.collections, ...left.collections]),
      }
    }
  }

  async #change(wanted: NftTable, applied: NftTable): Promise<string | undefined> {
    const { change, removal } = nftInput(wanted, applied)
    if (change !== undefined) await this.#nft(change)
    return removal
  }

  /** Clients keep their endpoints, whose sets stay. A table that cannot become ours, as of another version, is replaced. */
  async #takeOver(wanted: NftTable): Promise<string | undefined> {
    const { change, removal } = nftInput(wanted, tableFound(await listing(this.#options.host)))
    try {
      await this.#nft(change!)
      return removal
    } catch (error) {
      this.#options.log(`proxy: the table ${TABLE} is made anew: ${String(error)}`)
      await this.#nft(anew(nftInput(wanted, undefined).change!))
      return undefined
    }
  }

  async #nft(stdin: string): Promise<void> {
    await this.#options.host.run('nft', ['-f', '-'], { stdin })
  }
}

/** Our table without the elements of its sets and maps; empty when there is none. */
async function listing(host: ProxyHost): Promise<string> {
  if (!(await hasTable(host))) return ''
  return (await host.run('nft', ['-t', 'list', 'table', 'ip', TABLE])).stdout
}

/** Whether the kernel has our table. */
export async function hasTable(host: ProxyHost): Promise<boolean> {
  const { stdout } = await host.run('nft', ['list', 'tables', 'ip'])
  return stdout.split('\n').includes(`table ip ${TABLE}`)
}
