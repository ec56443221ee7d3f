/**
 * Chains that the kernel does not hold as they were written, by what `iptables-save` or `iptables -S` of their table prints: gone, emptied, or with more
 * rules or fewer. Words are not compared, since both print rules in words of their own.
 */
export function alteredChains(written: ReadonlyMap<string, readonly string[]>, saved: string): string[] {
  const found = new Map<string, number>()
  for (const line of saved.split('\n')) {
    const [, declared, added] = /^(?::|-N )(\S+)|^-A (\S+)/.exec(line) ?? []
    if (declared !== undefined) found.set(declared, found.get(declared) ?? 0)
    if (added !== undefined) found.set(added, (found.get(added) ?? 0) + 1)
  }
  return [...written].filter(([chain, rules]) => found.get(chain) !== rules.length).map(([chain]) => chain)
}
