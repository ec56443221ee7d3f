/** What to do next, by what a warning event says: picks the sentence `hints.<word>`. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { hintOf, unschedulableHint } from './hints.ts'
import { textAt } from './view.ts'

/** Hints of reasons that only events have. */
const hints: Readonly<Record<string, string>> = {
  Unhealthy: 'probe',
  FailedMount: 'mount',
  FailedAttachVolume: 'mount',
  FailedPrepareDynamicResources: 'devices',
  ProvisioningFailed: 'claimPending',
  NodeNotReady: 'nodeLost',
  EvictionThresholdMet: 'pressure',
}

/** The kubelet calls two things `BackOff` and many `Failed`; their messages tell which. */
export function hintOfEvent(event: KubeObject): string | undefined {
  const [reason, message] = [textAt(event, 'reason'), textAt(event, 'message')]
  if (reason === 'FailedScheduling') return unschedulableHint(message)
  if (reason !== 'BackOff' && reason !== 'Failed') return hints[reason] ?? hintOf(reason)
  if (/pull/i.test(message)) return 'image'
  return reason === 'BackOff' ? 'crash' : undefined
}
