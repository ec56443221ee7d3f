import type { Job } from '#types/batch/v1'
import type { Container, PodSpec } from '#types/core/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { podFromTemplate } from '../pod-template.ts'
import { FAILURES_ANNOTATION, IGNORED_ANNOTATION, INDEX_ANNOTATION, isIndexed } from './indexes.ts'
import { type IndexFailures, TRACKING_FINALIZER } from './tally.ts'

/** A pod of a job, of one completion index for an indexed job ("Jobs: Completion mode"). */
export function podFor(job: Job, index: number | undefined, failures?: IndexFailures) {
  const pod = podFromTemplate(job, refs.jobs, job.spec?.template ?? { spec: { containers: [] } })
  const finalizers = [...(pod.metadata.finalizers ?? []), TRACKING_FINALIZER]
  if (index === undefined || !isIndexed(job)) return { ...pod, metadata: { ...pod.metadata, finalizers } }
  const value = String(index)
  const labels = { ...pod.metadata.labels, [INDEX_ANNOTATION]: value }
  const counts = job.spec?.backoffLimitPerIndex === undefined ? {} : failureCounts(failures)
  const annotations = { ...pod.metadata.annotations, [INDEX_ANNOTATION]: value, ...counts }
  const generateName = `${job.metadata.name}-${value}-`
  const spec = { ...withIndex(pod.spec), hostname: `${job.metadata.name}-${value}` }
  return { ...pod, metadata: { ...pod.metadata, labels, annotations, finalizers, generateName }, spec }
}

function failureCounts({ counted = 0, ignored = 0 }: Partial<IndexFailures> = {}): Record<string, string> {
  return { [FAILURES_ANNOTATION]: String(counted), ...(ignored > 0 ? { [IGNORED_ANNOTATION]: String(ignored) } : {}) }
}

/** Every container learns the index from the pod's label, unless it has a variable of that name already. */
function withIndex(spec: PodSpec): PodSpec {
  const name = 'JOB_COMPLETION_INDEX'
  const variable = { name, valueFrom: { fieldRef: { fieldPath: `metadata.labels['${INDEX_ANNOTATION}']` } } }
  const add = <T extends Container>(container: T): T =>
    container.env?.some((known) => known.name === name)
      ? container
      : { ...container, env: [...(container.env ?? []), variable] }
  const { initContainers, containers } = spec
  return {
    ...spec,
    ...(initContainers ? { initContainers: initContainers.map(add) } : {}),
    containers: containers.map(add),
  }
}
