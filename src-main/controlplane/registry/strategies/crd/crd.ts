import type { CustomResourceDefinition } from '#types/apiextensions.k8s.io/v1'
import type { KubeObject } from '../../../../../src-kube/machinery/meta.ts'
import { formatTime } from '../../../../../src-kube/machinery/time.ts'
import type { Strategy } from '../../strategy.ts'

const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io'

const typed = (object: KubeObject): CustomResourceDefinition => object as unknown as CustomResourceDefinition

/** CustomResourceDefinitions: every version that ever stored objects is remembered, and a deletion waits for the instances. */
export const crdStrategy: Strategy = {
  anyFinalizer: true,
  prepareForCreate(_context, object) {
    const crd = typed(object)
    const storage = crd.spec.versions.find((version) => version.storage)
    crd.status = {
      conditions: [],
      acceptedNames: { plural: '', kind: '' },
      storedVersions: storage ? [storage.name] : [],
    }
  },
  prepareForUpdate({ subresource }, object) {
    if (subresource === 'status') return
    const crd = typed(object)
    const storage = crd.spec.versions.find((version) => version.storage)
    const { storedVersions = [] } = crd.status ?? {}
    if (!storage || storedVersions.includes(storage.name)) return
    crd.status = { ...crd.status, storedVersions: [...storedVersions, storage.name] }
  },
  beforeDelete(object, now) {
    const { metadata, status } = typed(object)
    const condition = {
      type: 'Terminating',
      status: 'True',
      lastTransitionTime: formatTime(now),
      reason: 'InstanceDeletionPending',
      message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    }
    const others = (status?.conditions ?? []).filter(({ type }) => type !== 'Terminating')
    const finalizers = [...new Set([...(metadata.finalizers ?? []), CLEANUP])]
    return {
      ...object,
      metadata: { ...metadata, finalizers },
      status: { ...status, conditions: [...others, condition] },
    }
  },
}
