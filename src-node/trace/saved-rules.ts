import type { TraceOptions } from './options.ts'
import { parseRules, type SavedRule } from './rules.ts'

/** Both tables with their counters, as the kernel has them now. */
export async function savedRules({ host }: Pick<TraceOptions, 'host'>): Promise<SavedRule[]> {
  const [nat, filter] = await Promise.all(
    (['nat', 'filter'] as const).map(async (table) =>
      parseRules(table, (await host.run('iptables-save', ['-c', '-t', table])).stdout),
    ),
  )
  return [...nat!, ...filter!]
}
