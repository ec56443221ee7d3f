import type { StorageClass } from '#types/storage.k8s.io/v1'
import { parseTime } from '../../../../src-kube/machinery/time.ts'

/** A claim, or its volume, was tied by the binder and not by its author. */
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller'
/** A claim's binding is complete; without its volume it is lost from now on. */
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed'
/** The node that the scheduler has chosen for a claim that waits for its first consumer. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node'
/** Annotations that name the provisioner of a claim; the second was the only one before Kubernetes 1.23. */
export const provisionerAnnotations = [
  'volume.kubernetes.io/storage-provisioner',
  'volume.beta.kubernetes.io/storage-provisioner',
] as const
/** Annotation that names the provisioner which made a volume, and so removes it. */
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by'
const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
]

/** The newest of the classes that are marked as the default, of equal ages the first by name. */
export function defaultClass(classes: readonly StorageClass[]): StorageClass | undefined {
  const age = ({ metadata }: StorageClass) => parseTime(metadata.creationTimestamp) ?? 0
  return classes
    .filter(({ metadata }) => defaultAnnotations.some((key) => metadata.annotations?.[key] === 'true'))
    .toSorted((a, b) => age(b) - age(a) || (a.metadata.name < b.metadata.name ? -1 : 1))[0]
}

/** Whether volumes of the class are chosen only when a pod that needs them is placed. */
export const waitsForConsumer = (storage: StorageClass | undefined): boolean =>
  storage?.volumeBindingMode === 'WaitForFirstConsumer'
