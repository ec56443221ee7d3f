import type { Job } from '#types/batch/v1'
import type { Container, PodSpec } from '#types/core/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { podFromTemplate } from '../pod-template.ts'
import { failuresAnnotation, ignoredAnnotation, indexAnnotation, isIndexed } from './indexes.ts'
import { type IndexFailures, trackingFinalizer } from './tally.ts'

/** A pod of a job, of one completion index for an indexed job ("Jobs: Completion mode"). */
export function podFor(job: Job, index: number | undefined, failures?: IndexFailures) {
  const pod = podFromTemplate(job, refs.jobs, job.spec?.template ?? { spec: { containers: [] } })
  const finalizers = [...(pod.metadata.finalizers ?? []), trackingFinalizer]
  if (index === undefined || !isIndexed(job)) return { ...pod, metadata: { ...pod.metadata, finalizers } }
  const value = String(index)
  const labels = { ...pod.metadata.labels, [indexAnnotation]: value }
  const counts = job.spec?.backoffLimitPerIndex === undefined ? {} : failureCounts(failures)
  const annotations = { ...pod.metadata.annotations, [indexAnnotation]: value, ...counts }
  const generateName = `${job.metadata.name}-${value}-`
  const spec = { ...withIndex(pod.spec), hostname: `${job.metadata.name}-${value}` }
  return { ...pod, metadata: { ...pod.metadata, labels, annotations, finalizers, generateName }, spec }
}

function failureCounts({ counted = 0, ignored = 0 }: Partial<IndexFailures> = {}): Record<string, string> {
  return { [failuresAnnotation]: String(counted), ...(ignored > 0 ? { [ignoredAnnotation]: String(ignored) } : {}) }
}

/** Every container learns the index from the pod's label, unless it has a variable of that name already. */
function withIndex(spec: PodSpec): PodSpec {
  const name = 'JOB_COMPLETION_INDEX'
  const variable = { name, valueFrom: { fieldRef: { fieldPath: `metadata.labels['${indexAnnotation}']` } } }
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
