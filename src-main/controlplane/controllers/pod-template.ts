import type { ReplicaSet } from '#types/apps/v1'
import type { PodTemplateSpec } from '#types/core/v1'
import type { ResourceRef } from '../../../src-kube/kinds/descriptor.ts'
import { controllerReference } from '../../../src-kube/runtime/owners.ts'

/** A pod of an owner's template, with a generated name. */
export function podFromTemplate(
  owner: { metadata: ReplicaSet['metadata'] },
  ref: ResourceRef,
  template: PodTemplateSpec,
) {
  const { labels, annotations, finalizers } = template.metadata ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace,
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ...(finalizers ? { finalizers } : {}),
      ownerReferences: [controllerReference(owner, ref)],
    },
    spec: template.spec ?? { containers: [] },
  }
}
