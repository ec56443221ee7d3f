import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { SubresourceBehaviour } from './subresource.ts'

const spec = (object: KubeObject): Record<string, unknown> => (object['spec'] ?? {}) as Record<string, unknown>
const metadataOf = (current: KubeObject, sent: KubeObject) => ({
  ...current.metadata,
  resourceVersion: sent.metadata.resourceVersion,
  uid: sent.metadata.uid,
})

/** `PUT namespaces/<name>/finalize`: the finalizers of the spec, whose last one lets the namespace go. */
export const finalize: SubresourceBehaviour = {
  name: 'finalize',
  of: '/namespaces',
  merge: (current, sent) => ({
    ...current,
    metadata: metadataOf(current, sent),
    spec: { ...spec(current), finalizers: spec(sent)['finalizers'] ?? [] },
  }),
}

/** `PUT …/approval` of a certificate signing request: its conditions. */
export const approval: SubresourceBehaviour = {
  name: 'approval',
  of: 'certificates.k8s.io/certificatesigningrequests',
  merge(current, sent) {
    const conditions = (sent['status'] as { conditions?: unknown } | undefined)?.conditions
    return {
      ...current,
      metadata: metadataOf(current, sent),
      status: { ...(current['status'] as object | undefined), conditions },
    }
  },
}

/** `PATCH pods/<name>/ephemeralcontainers`: containers for debugging a running pod. */
export const ephemeralContainers: SubresourceBehaviour = {
  name: 'ephemeralcontainers',
  of: '/pods',
  merge: (current, sent) => ({
    ...current,
    metadata: metadataOf(current, sent),
    spec: { ...spec(current), ephemeralContainers: spec(sent)['ephemeralContainers'] },
  }),
}
