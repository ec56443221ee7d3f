import type { PersistentVolume, PersistentVolumeClaim } from '#types/core/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { sleep } from '../../../../src-kube/client/sleep.ts'
import type { Client } from '../../../../src-kube/client/typed-client.ts'
import { matchesNodeSelector } from '../framework/node-selector.ts'
import type { BindingContext, Failure, Plugin } from '../framework/plugin.ts'
import type { PodInfo } from '../framework/pod-info.ts'
import type { Lookups, Snapshot } from '../framework/snapshot.ts'

const conflict: Failure = { reasons: ['node(s) had volume node affinity conflict'], unresolvable: true }
const unbound = 'pod has unbound immediate PersistentVolumeClaims'
const selectedNode = 'volume.kubernetes.io/selected-node'

/** The names of the claims a pod mounts, ephemeral volumes' included. */
function claimNames({ pod }: PodInfo): string[] {
  return (pod.spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return [persistentVolumeClaim.claimName]
    return ephemeral ? [`${pod.metadata.name}-${name}`] : []
  })
}

const isBound = (claim: PersistentVolumeClaim) => !!claim.spec.volumeName && claim.status?.phase === 'Bound'

const waitsForPod = (claim: PersistentVolumeClaim, lookups: Lookups) =>
  lookups.storageClass(claim.spec.storageClassName ?? '')?.volumeBindingMode === 'WaitForFirstConsumer'

/** What stands in the way for the pod as a whole, or the volumes that bind it to nodes. */
function volumesOf(pod: PodInfo, { lookups }: Snapshot): PersistentVolume[] | { rejected: string } {
  const volumes: PersistentVolume[] = []
  for (const name of claimNames(pod)) {
    const claim = lookups.claim(`${pod.namespace}/${name}`)
    if (!claim) return { rejected: `persistentvolumeclaim "${name}" not found` }
    if (claim.metadata.deletionTimestamp) return { rejected: `persistentvolumeclaim "${name}" is being deleted` }
    if (!isBound(claim) && !waitsForPod(claim, lookups)) return { rejected: unbound }
    const volume = claim.spec.volumeName ? lookups.volume(claim.spec.volumeName) : undefined
    if (volume?.spec?.nodeAffinity?.required) volumes.push(volume)
  }
  return volumes
}

/** Claims must be bound, or be of a class that waits for the pod: those are told the node before the pod is bound. */
export function volumeBinding(client: Client): Plugin {
  return {
    name: 'VolumeBinding',
    preFilter(pod, snapshot) {
      if (!pod.pod.spec.volumes) return undefined
      const volumes = volumesOf(pod, snapshot)
      if ('rejected' in volumes) return volumes
      if (volumes.length === 0) return undefined
      return {
        check(node) {
          for (const { spec } of volumes) if (!matchesNodeSelector(spec.nodeAffinity!.required!, node)) return conflict
          return undefined
        },
      }
    },
    preBind: (context) => selectNode(client, context),
    mayHelp: (event) => event.resource === 'volume' || event.resource === 'node',
  }
}

const pollEvery = 100
const patience = 600_000

/** Tells claims that wait for their first consumer which node it will be on, and waits until they are bound; ten minutes at most. */
function selectNode(client: Client, context: BindingContext): Promise<void> | undefined {
  const { pod, nodeName, lookups, clock, signal } = context
  const keys = claimNames(pod).map((name) => `${pod.namespace}/${name}`)
  const waiting = () =>
    keys.flatMap((key) => {
      const claim = lookups.claim(key)
      return claim && isBound(claim) ? [] : [{ key, claim }]
    })
  if (waiting().length === 0) return undefined
  const type = 'application/merge-patch+json' as const
  const body = { metadata: { annotations: { [selectedNode]: nodeName } } }
  const claims = client.resource(refs.persistentVolumeClaims)
  const bind = async () => {
    for (const { claim } of waiting())
      if (claim && claim.metadata.annotations?.[selectedNode] !== nodeName)
        await claims.patch({ name: claim.metadata.name, namespace: pod.namespace, type, body, signal })
    const end = clock.monotonic() + patience
    while (waiting().length && clock.monotonic() < end && !signal.aborted) await sleep(clock, pollEvery, signal)
    const missing = waiting().map(({ key }) => key)
    if (missing.length)
      throw new Error(`timed out waiting for PersistentVolumeClaims ${missing.join(', ')} to be bound`)
  }
  return bind()
}
