import type { DownwardAPIVolumeFile, Pod } from '#types/core/v1'
import { type Allocatable, fieldValue, type PodFacts, resourceValue } from '../plan/pod-fields.ts'
import type { Payload } from './atomic-writer.ts'

/** What a pod's fields and its containers' limits are read from besides the pod itself. */
export interface DownwardFacts extends PodFacts {
  allocatable: Allocatable
}

/** The files of a downwardAPI volume. */
export function downwardPayload(
  items: readonly DownwardAPIVolumeFile[],
  defaultMode: number,
  pod: Pod,
  facts: DownwardFacts,
): Payload {
  return new Map(
    items.map(({ path, fieldRef, resourceFieldRef, mode }) => {
      const text = fieldRef
        ? fieldValue(pod, fieldRef.fieldPath, facts)
        : resourceFieldRef
          ? resourceValue(pod, resourceFieldRef, facts.allocatable)
          : ''
      return [path, { data: Buffer.from(text), mode: mode ?? defaultMode }]
    }),
  )
}
