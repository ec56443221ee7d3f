/** What objects used over the last minutes, gathered from the figures that lists and details ask for anyway. */
export interface Sample {
  /** Milliseconds since the epoch. */
  at: number
  /** Thousandths of a CPU. */
  cpu: number
  /** Bytes. */
  memory: number
}

/** How far back is remembered, milliseconds. */
export const span = 600_000

/** Beyond this many objects only those on screen are remembered: 10,000 pods would cost tens of megabytes. */
const mostKept = 1000

/** What objects used over the last minutes, by key, as {@link Sample}s: for the lines beside their figures. */
export interface UsageHistory {
  /** Takes up one round of figures. */
  add(at: number, figures: ReadonlyMap<string, { cpu: number; memory: number }>): void
  /** Oldest first. */
  of(key: string): readonly Sample[]
  /** Remembers an object however many there are, and what it used when it has gone, until the result is called. */
  hold(key: string): () => void
  clear(): void
}

/** The last minutes of usage, by object; of many objects only those that somebody looks at are kept. */
export function createUsageHistory(): UsageHistory {
  const kept = new Map<string, Sample[]>()
  const held = new Map<string, number>()
  return {
    add(at, figures) {
      const current = new Set([...(figures.size <= mostKept ? figures.keys() : []), ...held.keys()])
      for (const key of kept.keys()) if (!current.has(key)) kept.delete(key)
      for (const key of current) {
        const used = figures.get(key)
        const samples = (kept.get(key) ?? []).filter((sample) => at - sample.at < span)
        kept.set(key, used ? [...samples, { at, cpu: used.cpu, memory: used.memory }] : samples)
      }
    },
    of: (key) => kept.get(key) ?? [],
    hold(key) {
      held.set(key, (held.get(key) ?? 0) + 1)
      return () => {
        const left = held.get(key)! - 1
        if (left > 0) held.set(key, left)
        else held.delete(key)
      }
    },
    clear: () => kept.clear(),
  }
}
