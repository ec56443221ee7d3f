import type { Pod } from '#types/core/v1'
import { draftMetadata } from '../../../src-kube/machinery/meta.ts'
import { SOURCE } from './critical.ts'

/** When the node saw the file that a pod comes from. */
const SEEN = 'kubernetes.io/config.seen'
/** Annotations with the hash of that file. */
const [HASH, MIRROR] = ['kubernetes.io/config.hash', 'kubernetes.io/config.mirror'] as const

/** What a static pod gets besides what its file says. */
export interface StaticFacts {
  node: { name: string; uid: string }
  /** Of the file's text. */
  hash: string
  /** When the node read it, as the API writes times. */
  seen: string
}

/**
 * The pod that a file on the node asks for, as the node makes it in the API: under the node's name, for this node alone, driven away by no
 * taint (kubernetes.io, "Create static Pods"). Throws when it is none. Pure.
 */
export function staticPod(manifest: unknown, { node, hash, seen }: StaticFacts): Pod {
  const { apiVersion, kind, metadata, spec } = (manifest ?? {}) as Partial<Pod>
  if (apiVersion !== 'v1' || kind !== 'Pod' || !metadata?.name || !spec?.containers)
    throw new Error('the file holds no pod')
  const annotations = { ...metadata.annotations, [SOURCE]: 'file', [SEEN]: seen, [HASH]: hash, [MIRROR]: hash }
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: node.name, uid: node.uid, controller: true }]
  const named = {
    name: `${metadata.name}-${node.name}`,
    namespace: metadata.namespace ?? 'default',
    ...(metadata.labels ? { labels: metadata.labels } : {}),
  }
  const tolerations = [...(spec.tolerations ?? []), { operator: 'Exists' as const, effect: 'NoExecute' as const }]
  return {
    apiVersion,
    kind,
    metadata: draftMetadata({ ...named, annotations, ownerReferences }),
    spec: { ...spec, nodeName: node.name, tolerations },
  }
}

/** Whether a pod comes from a file of its node. */
export const isStatic = ({ metadata }: Pod): boolean => metadata.annotations?.[SOURCE] === 'file'

/** What is to be made and removed so that the pods from files are those that are wanted; a changed one goes before it is made anew. Pure. */
export function staticPlan(wanted: readonly Pod[], present: readonly Pod[]): { create: Pod[]; remove: Pod[] } {
  const keyOf = ({ metadata }: Pod): string => `${metadata.namespace}/${metadata.name}`
  const same = (a: Pod, b: Pod): boolean =>
    keyOf(a) === keyOf(b) && a.metadata.annotations?.[HASH] === b.metadata.annotations?.[HASH]
  const taken = new Set(present.map(keyOf))
  return {
    create: wanted.filter((pod) => !taken.has(keyOf(pod))),
    remove: present.filter(
      (pod) => isStatic(pod) && !pod.metadata.deletionTimestamp && !wanted.some((one) => same(one, pod)),
    ),
  }
}
