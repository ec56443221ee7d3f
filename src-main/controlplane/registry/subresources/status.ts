import type { SubresourceBehaviour } from './subresource.ts'

/** Only the status, and of the metadata what is not the spec's business. */
export const status: SubresourceBehaviour = {
  name: 'status',
  merge(current, sent) {
    const { labels, annotations, finalizers, resourceVersion, uid, name } = sent.metadata
    const metadata = { ...current.metadata, labels, annotations, finalizers, resourceVersion, uid, name }
    return { ...current, metadata, status: sent['status'] }
  },
}
