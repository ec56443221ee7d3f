import type { Container, Pod } from '#types/core/v1'

/** Labels by which a container is found again (the same that kubelet's Docker runtime used). */
export const containerLabels = {
  type: 'io.kubernetes.docker.type',
  container: 'io.kubernetes.container.name',
  pod: 'io.kubernetes.pod.name',
  namespace: 'io.kubernetes.pod.namespace',
  uid: 'io.kubernetes.pod.uid',
  attempt: 'io.kubernetes.container.restartCount',
  hash: 'io.kubernetes.container.hash',
  resources: 'dev.drydock.container.resources',
  address: 'dev.drydock.sandbox.address',
  imageDigest: 'dev.drydock.container.image-digest',
  user: 'dev.drydock.container.user',
  parentGroup: 'dev.drydock.container.cgroup-parent',
} as const

/** The control group of the engine's containers that are in no pod's: those that agents made which gave pods none. */
const ENGINE_GROUP = '/docker'

/** The control group of a container, by its labels. */
export const groupOf = (id: string, labels: Record<string, string>): string =>
  `${labels[containerLabels.parentGroup] ?? ENGINE_GROUP}/${id}`

/** Name of the sandbox's container among a pod's. */
export const SANDBOX = 'POD'

/** Labels by which an agent that starts anew knows whose a container is. */
export function podLabels(
  pod: Pod,
  container: string,
  { attempt, group }: { attempt: number; group: string },
): Record<string, string> {
  const { name, namespace = '', uid } = pod.metadata
  return {
    [containerLabels.parentGroup]: group,
    [containerLabels.type]: container === SANDBOX ? 'podsandbox' : 'container',
    [containerLabels.container]: container,
    [containerLabels.pod]: name,
    [containerLabels.namespace]: namespace,
    [containerLabels.uid]: uid,
    [containerLabels.attempt]: String(attempt),
  }
}

/** `k8s_<container>_<pod>_<namespace>_<uid>_<attempt>`; long names are cut where the uid keeps them unique. */
export function containerName(pod: Pod, container: string, attempt: number): string {
  const { name, namespace = '', uid } = pod.metadata
  return `k8s_${container}_${name.slice(0, 100)}_${namespace}_${uid}_${attempt}`
}

/**
 * Of a sandbox and what runs in it: containerd gives those of one group (annotation of its runtime v2) one shim among them, a process of 20 MB
 * that every container would else have of its own.
 */
export const shimGroup = (pod: Pod, sandboxAttempt: number): Record<string, string> => ({
  'io.containerd.runc.v2.group': containerName(pod, SANDBOX, sandboxAttempt),
})

/** FNV-1a of what a container is made from: a change of the image restarts it. */
export function containerHash(container: Pick<Container, 'name' | 'image'>): string {
  let hash = 0x811c9dc5
  for (const c of `${container.name}\0${container.image}`) hash = Math.imul(hash ^ c.codePointAt(0)!, 0x01000193) >>> 0
  return hash.toString(16)
}
