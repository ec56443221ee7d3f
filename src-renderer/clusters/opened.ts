import type { ClusterSummary } from '../../src-wire/gateway/messages.ts'
import { kept } from '../stores/kept.ts'

/** Ids of clusters that answered in this window; a reload does not forget them. */
const opened = kept<readonly string[]>('drydock.opened', [], sessionStorage)

/** Notes that a cluster answered. */
export function noteOpened(cluster: string): void {
  if (!opened.value.includes(cluster)) opened.value = [...opened.value, cluster]
}

/**
 * The clusters that may be asked without having been chosen: own ones that run, and those of others that were opened already. The first
 * question to another one may sign somebody in, which is not done in passing.
 */
export const mayBeAsked = ({ id, own, state }: ClusterSummary): boolean =>
  own ? state === 'running' : opened.value.includes(id)
