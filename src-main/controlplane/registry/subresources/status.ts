import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { Target } from '../registry.ts'
import type { SubresourceBehaviour } from './subresource.ts'

type Metadata = KubeObject['metadata']
type Part = 'labels' | 'annotations' | 'finalizers' | 'ownerReferences'

/** Of the metadata, what a status brings with it. */
const parts: readonly Part[] = ['labels', 'annotations', 'finalizers', 'ownerReferences']

/** Kinds of which a status brings less, and what. */
const brings: Readonly<Record<string, readonly Part[]>> = {
  // Old kubelets spoil the references.
  '/pods': ['labels', 'annotations', 'finalizers'],
  'apps/deployments': ['annotations', 'finalizers', 'ownerReferences'],
  'apiextensions.k8s.io/customresourcedefinitions': ['finalizers'],
  ...Object.fromEntries(
    [
      'admissionregistration.k8s.io/validatingadmissionpolicies',
      'apiregistration.k8s.io/apiservices',
      'certificates.k8s.io/podcertificaterequests',
      'flowcontrol.apiserver.k8s.io/flowschemas',
      'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations',
      'networking.k8s.io/servicecidrs',
      'resource.k8s.io/resourceclaims',
      'storage.k8s.io/volumeattachments',
    ].map((kind) => [kind, []]),
  ),
}

/** What of the metadata a status of the kind brings: of a custom resource nothing. */
export const broughtBy = ({ descriptor: { group, plural }, served }: Target): readonly Part[] =>
  served.custom ? [] : (brings[`${group}/${plural}`] ?? parts)

/** Only the status, and of the metadata what the kind's status brings; of a custom resource and of younger kinds that is nothing. */
export const status: SubresourceBehaviour = {
  name: 'status',
  merge(current, sent, target) {
    const { resourceVersion, uid, name } = sent.metadata
    const metadata = { ...current.metadata, resourceVersion, uid, name }
    if (target.served.custom) return withStatus(current, metadata, sent['status'])
    for (const part of broughtBy(target)) bring(metadata, sent.metadata, part)
    return { ...current, metadata, status: sent['status'] }
  },
}

function bring<P extends Part>(metadata: Metadata, sent: Metadata, part: P): void {
  if (sent[part] === undefined) delete metadata[part]
  else metadata[part] = sent[part]
}

function withStatus(current: KubeObject, metadata: Metadata, status: unknown): KubeObject {
  const { status: _, ...rest } = current
  return { ...rest, metadata, ...(status === undefined ? {} : { status }) } as KubeObject
}
