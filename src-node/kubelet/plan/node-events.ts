import type { NodeCondition, NodeStatus } from '#types/core/v1'

/** An event about the node itself. */
export interface NodeEvent {
  type: 'Normal' | 'Warning'
  reason: string
  message: string
}

/** Reason of the event by condition, for its status False and True. */
const reasons: Record<string, readonly [whenFalse: string, whenTrue: string]> = {
  MemoryPressure: ['NodeHasSufficientMemory', 'NodeHasInsufficientMemory'],
  DiskPressure: ['NodeHasNoDiskPressure', 'NodeHasDiskPressure'],
  PIDPressure: ['NodeHasSufficientPID', 'NodeHasInsufficientPID'],
  Ready: ['NodeNotReady', 'NodeReady'],
}

/** What is to be said of a node whose status becomes another: its conditions that turn, and a boot of its machine. Pure. */
export function nodeEvents(
  name: string,
  before: Pick<NodeStatus, 'conditions' | 'nodeInfo'> | undefined,
  after: Pick<NodeStatus, 'conditions' | 'nodeInfo'>,
): NodeEvent[] {
  const turned = (after.conditions ?? []).filter((condition) => turns(before?.conditions, condition))
  const events = turned.map(({ type, status }): NodeEvent => {
    const reason = reasons[type]![status === 'True' ? 1 : 0]
    return { type: 'Normal', reason, message: `Node ${name} status is now: ${reason}` }
  })
  const [old, boot] = [before?.nodeInfo?.bootID, after.nodeInfo?.bootID]
  if (!old || !boot || old === boot) return events
  return [
    ...events,
    { type: 'Warning', reason: 'Rebooted', message: `Node ${name} has been rebooted, boot id: ${boot}` },
  ]
}

/** What is to be said when a node comes to take new pods, or no more. Pure. */
export function cordonEvent(
  name: string,
  { before, now }: { before: boolean | undefined; now: boolean },
): NodeEvent | undefined {
  if (before === undefined || before === now) return undefined
  const reason = now ? 'NodeNotSchedulable' : 'NodeSchedulable'
  return { type: 'Normal', reason, message: `Node ${name} status is now: ${reason}` }
}

/** The first word about readiness is no turn, that about a pressure is. */
function turns(before: readonly NodeCondition[] | undefined, { type, status }: NodeCondition): boolean {
  if (!reasons[type]) return false
  const old = before?.find((condition) => condition.type === type)
  return old ? old.status !== status : type !== 'Ready'
}
