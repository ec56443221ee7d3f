import type { PersistentVolume, Pod } from '#types/core/v1'
import { allClaimKeysOf } from '../../../../src-kube/kinds/resource/pod-claims.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { ObjectWatcher } from '../../admission/admission.ts'
import { keep } from '../../admission/keep.ts'
import { volumeSecrets } from './volume-secrets.ts'

const MIRROR = 'kubernetes.io/config.mirror'

/** Which objects the pods bound to a node lead to. */
export interface NodeGraph {
  /** Whether a pod of the node refers to the object, straight or over its claims and volumes. `resource` is a plural of the core group, or `resourceclaims`. */
  leadsTo(node: string, resource: string, namespace: string, name: string): Promise<boolean>
}

/** Object key → how many pods of the node refer to it. */
type References = Map<string, number>

/**
 * The graph of kubernetes.io, "Using Node Authorization", kept by watching pods and volumes: a question costs a look-up, whatever
 * the number of pods. A pod counts while it is bound to a node; what its spec refers to never changes after that, its claims of devices may.
 */
export function nodeGraph(watcher: ObjectWatcher): NodeGraph {
  const pods = keep(watcher, { group: '', resource: 'pods' }, new Map<string, References>(), (nodes, object, old) => {
    count(nodes, old, -1)
    count(nodes, object, 1)
  })
  const volumes = keep(
    watcher,
    { group: '', resource: 'persistentvolumes' },
    new Map<string, Set<string>>(),
    (claims, object, old) => {
      for (const [secret, claim] of secretsOf(old)) claims.get(secret)?.delete(claim)
      for (const [secret, claim] of secretsOf(object)) claims.set(secret, (claims.get(secret) ?? new Set()).add(claim))
    },
  )
  const refers = async (node: string, key: string): Promise<boolean> => (await pods.get()).get(node)?.has(key) ?? false
  return {
    async leadsTo(node, resource, namespace, name) {
      if (resource === 'persistentvolumes') {
        const volume = (await watcher.get('', resource, '', name)) as PersistentVolume | undefined
        const claim = volume?.spec?.claimRef
        return claim?.name !== undefined && refers(node, `persistentvolumeclaims/${claim.namespace}/${claim.name}`)
      }
      const key = `${resource}/${namespace}/${name}`
      if (await refers(node, key)) return true
      if (resource !== 'secrets') return false
      for (const claim of (await volumes.get()).get(key) ?? []) if (await refers(node, claim)) return true
      return false
    },
  }
}

function count(nodes: Map<string, References>, object: KubeObject | undefined, by: 1 | -1): void {
  const pod = object as Pod | undefined
  const node = pod?.spec.nodeName
  if (!pod || !node) return
  const references = nodes.get(node) ?? new Map<string, number>()
  nodes.set(node, references)
  for (const key of referencesOf(pod)) {
    const left = (references.get(key) ?? 0) + by
    if (left > 0) references.set(key, left)
    else references.delete(key)
  }
  if (references.size === 0) nodes.delete(node)
}

/** Secrets a volume needs, each with the claim that the volume is for. */
function secretsOf(object: KubeObject | undefined): Array<[string, string]> {
  const volume = object as PersistentVolume | undefined
  const claim = volume?.spec?.claimRef
  if (!claim?.name) return []
  const key = `persistentvolumeclaims/${claim.namespace}/${claim.name}`
  return volumeSecrets(volume!.spec, claim.namespace ?? '').map((secret): [string, string] => [secret, key])
}

/** Everything a pod lets its node read. A mirror pod leads nowhere: nodes make those themselves. */
function referencesOf(pod: Pod): Set<string> {
  const { namespace = '', name, annotations } = pod.metadata
  const found = new Set([`pods/${namespace}/${name}`])
  if (annotations?.[MIRROR] !== undefined) return found
  const add = (resource: string, referred: string | undefined): void => {
    if (referred) found.add(`${resource}/${namespace}/${referred}`)
  }
  const { spec } = pod
  add('serviceaccounts', spec.serviceAccountName || 'default')
  for (const secret of spec.imagePullSecrets ?? []) add('secrets', secret.name)
  for (const volume of spec.volumes ?? []) {
    add('secrets', volume.secret?.secretName)
    add('configmaps', volume.configMap?.name)
    add('persistentvolumeclaims', volume.persistentVolumeClaim?.claimName)
    if (volume.ephemeral) add('persistentvolumeclaims', `${name}-${volume.name}`)
    for (const key of volumeSecrets(volume, namespace)) found.add(key)
    for (const source of volume.projected?.sources ?? []) {
      add('secrets', source.secret?.name)
      add('configmaps', source.configMap?.name)
    }
  }
  for (const key of allClaimKeysOf(pod)) found.add(`resourceclaims/${key}`)
  const { containers, initContainers = [], ephemeralContainers = [] } = spec
  for (const container of [...containers, ...initContainers, ...ephemeralContainers]) {
    for (const { valueFrom } of container.env ?? []) {
      add('secrets', valueFrom?.secretKeyRef?.name)
      add('configmaps', valueFrom?.configMapKeyRef?.name)
    }
    for (const source of container.envFrom ?? []) {
      add('secrets', source.secretRef?.name)
      add('configmaps', source.configMapRef?.name)
    }
  }
  return found
}
