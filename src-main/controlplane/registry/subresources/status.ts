import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { SubresourceBehaviour } from './subresource.ts'

/** Only the status, and of the metadata what is not the spec's business. */
export const status: SubresourceBehaviour = {
  name: 'status',
  merge(current, sent, { served }) {
    const { labels, annotations, finalizers, resourceVersion, uid, name } = sent.metadata
    // Of a custom resource nothing but the status.
    if (served.custom) return withStatus(current, { ...current.metadata, resourceVersion, uid, name }, sent['status'])
    const metadata = { ...current.metadata, labels, annotations, finalizers, resourceVersion, uid, name }
    return { ...current, metadata, status: sent['status'] }
  },
}

function withStatus(current: KubeObject, metadata: KubeObject['metadata'], status: unknown): KubeObject {
  const { status: _, ...rest } = current
  return { ...rest, metadata, ...(status === undefined ? {} : { status }) } as KubeObject
}
