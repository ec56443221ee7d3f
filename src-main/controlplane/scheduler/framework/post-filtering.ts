import type { Misfit } from './cycle.ts'
import type { Plugin, PostFilterResult } from './plugin.ts'
import type { PodInfo } from './pod-info.ts'
import type { Snapshot } from './snapshot.ts'

/**
 * Asks plugins in order what could be done for a pod that fits nowhere: the first that finds it a node decides; of the others all that
 * they say is told, and all that they do themselves is done.
 */
export function runPostFilters(
  plugins: readonly Plugin[],
  pod: PodInfo,
  misfit: Misfit,
  snapshot: Snapshot,
  act: (work: () => Promise<void>) => void,
): PostFilterResult {
  const messages: string[] = []
  let clearsNomination = false
  for (const plugin of plugins) {
    const result = plugin.postFilter?.(pod, misfit, snapshot)
    if (!result) continue
    if (result.act) act(result.act)
    if (result.nominatedNodeName) return result
    if (result.clearsNomination) clearsNomination = true
    if (result.message) messages.push(result.message)
  }
  return { clearsNomination, ...(messages.length > 0 ? { message: messages.join(', ') } : {}) }
}
