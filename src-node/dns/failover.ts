import type { Node } from '#types/core/v1'
import type { Informer } from '../../src-kube/client/informer.ts'
import type { Clock } from '../../src-kube/machinery/clock.ts'
import { failoverJumps, failoverRules, RECENT_LIST } from './plan/failover.ts'

/** The node whose names others answer while its agent does not. */
interface FailoverOptions {
  nodes: Informer<Node>
  host: {
    run(command: string, args: readonly string[], options?: { stdin?: string }): Promise<{ stdout: string }>
    writeFile(path: string, content: string): Promise<void>
  }
  nodeName: string
  /** `10.96.0.10`. */
  address: string
  clock: Clock
  signal: AbortSignal
  log: (message: string) => void
}

/** Milliseconds between two marks that say: this agent is alive. */
const MARK = 1_000

/** Marks this agent as alive, and keeps the rules that lead to the other nodes when it is not. */
export function keepFailover({ nodes, host, nodeName, address, clock, signal, log }: FailoverOptions): void {
  const failed = (error: unknown): void => log(`dns: ${String(error)}`)
  let written = ''
  const write = async (): Promise<void> => {
    const peers = nodes
      .list()
      .filter((node) => node.metadata.name !== nodeName)
      .map((node) => node.status?.addresses?.find((a) => a.type === 'InternalIP')?.address)
      .filter((ip) => ip !== undefined)
      .sort()
    const rules = failoverRules(address, peers)
    if (rules === written) return
    await host.run('iptables-restore', ['--noflush', '-w', '5'], { stdin: rules })
    if (written === '') await ensureJumps(host, address)
    written = rules
  }
  let queue = Promise.resolve()
  const kick = (): void => {
    queue = queue.then(write).catch(failed)
  }
  const stop = nodes.on({ add: kick, update: kick, delete: kick })
  const mark = (): void => {
    if (signal.aborted) return stop()
    // The list exists once a rule that names it does, and no longer: with the rules that somebody flushed it is gone.
    if (written !== '')
      host.writeFile(`/proc/net/xt_recent/${RECENT_LIST}`, `+${address}\n`).catch((error: unknown) => {
        failed(error)
        written = ''
        kick()
      })
    clock.after(MARK, mark)
  }
  kick()
  mark()
}

async function ensureJumps(host: FailoverOptions['host'], address: string): Promise<void> {
  for (const { chain, rule } of failoverJumps(address)) {
    const present = await host.run('iptables', ['-w', '5', '-t', 'nat', '-C', chain, ...rule]).then(
      () => true,
      () => false,
    )
    if (!present) await host.run('iptables', ['-w', '5', '-t', 'nat', '-I', chain, '1', ...rule])
  }
}
