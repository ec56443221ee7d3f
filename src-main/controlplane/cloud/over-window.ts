import type { Measured, StatsSummary } from '../../../src-wire/node/stats-summary.ts'

/** Seconds that two summaries may be apart for rates between them: fewer are inexact, more hide what is going on. */
const LEAST = 5
const MOST = 60

/**
 * A summary whose processor rates are averages since an earlier one of the same node, as the metrics server reckons them from the counters: a
 * kubelet's own are those of a moment. What was not there before, has been started anew or was measured too long ago keeps the kubelet's.
 */
export function overWindow(summary: StatsSummary, earlier: StatsSummary): StatsSummary {
  const before = new Map((earlier.pods ?? []).map(({ podRef, containers = [] }) => [podRef.uid, containers]))
  const { node, pods = [] } = summary
  return {
    ...summary,
    ...(node ? { node: rated(node, earlier.node) } : {}),
    pods: pods.map((pod) => ({
      ...pod,
      containers: (pod.containers ?? []).map((container) =>
        rated(
          container,
          before.get(pod.podRef.uid)?.find(({ name }) => name === container.name),
        ),
      ),
    })),
  }
}

function rated<T extends Measured>(now: T, before: Measured | undefined): T {
  const seconds = (timeOf(now) - timeOf(before)) / 1000
  const nanos = (now.cpu?.usageCoreNanoSeconds ?? NaN) - (before?.cpu?.usageCoreNanoSeconds ?? NaN)
  const isSame = now.startTime === before?.startTime
  if (!isSame || !(seconds >= LEAST && seconds < MOST && nanos >= 0)) return now
  return { ...now, cpu: { ...now.cpu, usageNanoCores: nanos / seconds, window: seconds } }
}

const timeOf = (measured: Measured | undefined): number => Date.parse(measured?.cpu?.time ?? '')
