import type { RegistryEvent } from '../registry.ts'

/** The first events of a watch as `ADDED name`; bookmarks count as events. */
export async function collect(events: AsyncIterable<readonly RegistryEvent[]>, count: number): Promise<string[]> {
  const found: string[] = []
  for await (const batch of events) {
    for (const event of batch)
      found.push(event.type === 'BOOKMARK' ? event.type : `${event.type} ${event.entry.object.metadata.name}`)
    if (found.length >= count) return found
  }
  return found
}
