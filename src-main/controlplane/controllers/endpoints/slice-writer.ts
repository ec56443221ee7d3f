import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { isNotFound } from '../../../../src-kube/machinery/errors.ts'
import type { OwnerReference } from '../../../../src-kube/machinery/meta.ts'
import type { ControllerContext } from '../../../../src-kube/runtime/controller.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import type { SliceContent, SlicePlan } from './slice-plan.ts'
import { TRIGGER_TIME_ANNOTATION } from './trigger-time.ts'

/** Which service a slice is of. */
export const SERVICE_LABEL = 'kubernetes.io/service-name'
/** Who writes a slice; others leave it alone. */
export const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by'

/** Whose slices are written: a service's, or an Endpoints object's. */
export interface SliceOwner {
  /** `namespace/name`, under which the writes are remembered. */
  key: string
  /** What names of slices begin with. */
  name: string
  owner: OwnerReference
}

/** What is told of the change on the slices themselves. */
export interface WriteFacts {
  /** When that happened which the slices are changed for, milliseconds since the epoch. */
  changed?: number | undefined
  /** What slices are annotated with, besides that time; what stands there when absent. */
  annotations?: Record<string, string> | undefined
}

/** Applies slice plans and remembers how far its writes have come, so that no plan is made on a cache that has not seen the last one. */
export class SliceWriter {
  readonly #written = new Map<string, number>()

  /** Whether the cache shows everything written for this key. */
  upToDate(ctx: ControllerContext, key: string): boolean {
    return Number(ctx.informer(refs.endpointSlices).resourceVersion) >= (this.#written.get(key) ?? 0)
  }

  forget(key: string): void {
    this.#written.delete(key)
  }

  async apply(
    ctx: ControllerContext,
    { key, name, owner }: SliceOwner,
    plan: SlicePlan,
    about: WriteFacts = {},
  ): Promise<void> {
    const slices = ctx.client.resource(refs.endpointSlices)
    const namespace = key.slice(0, key.indexOf('/'))
    for (const content of plan.create) {
      const annotations = annotated({}, about)
      const metadata = {
        generateName: `${name}-`,
        namespace,
        labels: content.labels,
        ownerReferences: [owner],
        ...annotations,
      }
      const { addressType, endpoints, ports } = content
      const made = await slices.create({
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata,
        addressType,
        endpoints,
        ports,
      })
      this.#note(key, made)
    }
    for (const { slice, content } of plan.update) this.#note(key, await slices.update(merged(slice, content, about)))
    for (const { metadata } of plan.remove) {
      try {
        await slices.delete(metadata.name, metadata.namespace, { preconditions: { uid: metadata.uid } })
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    }
  }

  #note(key: string, { metadata }: EndpointSlice): void {
    this.#written.set(key, Math.max(this.#written.get(key) ?? 0, Number(metadata.resourceVersion)))
  }
}

function merged(slice: EndpointSlice, { labels, endpoints }: SliceContent, about: WriteFacts): EndpointSlice {
  const { annotations, ...metadata } = slice.metadata
  return { ...slice, metadata: { ...metadata, labels, ...annotated(annotations, about) }, endpoints }
}

/** The annotations with the time of the change; without one it is not told. */
function annotated(current: Record<string, string> | undefined, { changed, annotations = current }: WriteFacts) {
  const { [TRIGGER_TIME_ANNOTATION]: _, ...others } = annotations ?? {}
  if (changed !== undefined) others[TRIGGER_TIME_ANNOTATION] = formatTime(changed)
  return Object.keys(others).length > 0 ? { annotations: others } : {}
}
