import type { Node } from '#types/core/v1'
import type { Informer } from '../../src-kube/client/informer.ts'
import type { Clock } from '../../src-kube/machinery/clock.ts'
import { failoverTables, type FailoverTable } from './plan/failover.ts'

/** A node, whose pods the DNS of the other nodes serves while its agent does not answer. */
interface FailoverOptions {
  nodes: Informer<Node>
  host: {
    run(command: string, args: readonly string[], options?: { stdin?: string }): Promise<{ stdout: string }>
    writeFile(path: string, content: string): Promise<void>
  }
  nodeName: string
  /** Of the cluster's DNS, which pods ask: `10.96.0.10`. */
  address: string
  clock: Clock
  signal: AbortSignal
  log: (message: string) => void
}

/** Milliseconds between two marks: several fit into the seconds after which the rules take the agent for gone. */
const MARK_INTERVAL = 1_000

/**
 * Marks this agent as alive, and keeps the rules that lead to the other nodes when it is not. A table that the kernel refuses is told of once, and tried
 * again when a node changes; without it the others do what they can. The signal ends the marks, the rules stay: who stops an agent wants its pods served.
 */
export function keepFailover({ nodes, host, nodeName, address, clock, signal, log }: FailoverOptions): void {
  /** By table: what the kernel holds, and what was last said of one that it refused. */
  const written = new Map<FailoverTable['name'], FailoverTable>()
  const refused = new Map<FailoverTable['name'], string>()

  const writeTable = async (table: FailoverTable): Promise<void> => {
    const { name, rules } = table
    if (written.get(name)?.rules === rules) return
    try {
      await host.run('iptables-restore', ['--noflush', '-w', '5'], { stdin: rules })
      if (!written.has(name)) await ensureJumps(host, table)
      written.set(name, table)
      refused.delete(name)
    } catch (error) {
      const words = `dns: rules of the ${name} table: ${String(error)}`
      if (refused.get(name) !== words) log(words)
      refused.set(name, words)
    }
  }
  const write = async (): Promise<void> => {
    const peers = nodes
      .list()
      .filter((node) => node.metadata.name !== nodeName)
      .map((node) => node.status?.addresses?.find((a) => a.type === 'InternalIP')?.address)
      .filter((ip) => ip !== undefined)
      .sort()
    for (const table of failoverTables(address, peers)) await writeTable(table)
  }
  let queue = Promise.resolve()
  const kick = (): void => {
    queue = queue.then(write)
  }
  const stop = nodes.on({ add: kick, update: kick, delete: kick })
  const mark = (): void => {
    if (signal.aborted) return stop()
    // A list exists once a rule that names it does, and no longer: with the rules that somebody flushed it is gone.
    for (const { name, list } of written.values())
      host.writeFile(`/proc/net/xt_recent/${list}`, `+${address}\n`).catch((error: unknown) => {
        log(`dns: ${String(error)}`)
        written.delete(name)
        kick()
      })
    clock.after(MARK_INTERVAL, mark)
  }
  kick()
  mark()
}

async function ensureJumps(host: FailoverOptions['host'], { name, jumps }: FailoverTable): Promise<void> {
  for (const { chain, rule } of jumps) {
    const present = await host.run('iptables', ['-w', '5', '-t', name, '-C', chain, ...rule]).then(
      () => true,
      () => false,
    )
    if (!present) await host.run('iptables', ['-w', '5', '-t', name, '-I', chain, '1', ...rule])
  }
}
