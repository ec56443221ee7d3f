import type { Container, Pod, ResourceRequirements } from '#types/core/v1'

/** What is told of a pod's resize by an event. */
export interface ResizeEvent {
  type: 'Normal' | 'Warning'
  reason: string
  message: string
}

/** What a resize has come to, as its event says (KEP-1287). */
export type ResizeTurn = 'Started' | 'Completed' | 'Error' | 'Deferred' | 'Infeasible'

/** Words for a turn, where they are not its own name. */
const words: Partial<Record<ResizeTurn, string>> = { Started: 'started', Completed: 'completed', Error: 'error' }
const normal = new Set<ResizeTurn>(['Started', 'Completed'])

/**
 * The event of one turn of a resize: its words, and as JSON what the pod as a whole and each container are to have and the generation that asked for it (KEP-1287,
 * KEP-5419).
 * `error` is why it does not go on. Pure.
 */
export function resizeEvent(turn: ResizeTurn, { metadata, spec }: Pod, error?: string): ResizeEvent {
  const inits = (spec.initContainers ?? []).map(summary)
  const facts = {
    ...(spec.resources ? { resources: amountsOf(spec.resources) } : {}),
    ...(inits.length > 0 ? { initContainers: inits } : {}),
    containers: spec.containers.map(summary),
    generation: metadata.generation ?? 0,
    ...(error ? { error } : {}),
  }
  return {
    type: normal.has(turn) ? 'Normal' : 'Warning',
    reason: `Resize${turn}`,
    message: `Pod resize ${words[turn] ?? turn}: ${JSON.stringify(facts)}`,
  }
}

function summary({ name, resources }: Container) {
  return { name, resources: resources ? amountsOf(resources) : {} }
}

/** By name, as maps are written. */
function amountsOf({ limits, requests }: ResourceRequirements) {
  const sorted = (map: Record<string, string>) =>
    Object.fromEntries(Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  return { ...(limits ? { limits: sorted(limits) } : {}), ...(requests ? { requests: sorted(requests) } : {}) }
}
