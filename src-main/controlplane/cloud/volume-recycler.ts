import type { PersistentVolume, Pod } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import { isAlreadyExists } from '../../../src-kube/machinery/errors.ts'
import type { Draft } from '../../../src-kube/machinery/meta.ts'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  watching,
} from '../../../src-kube/runtime/controller.ts'
import { deleteSeen } from '../../../src-kube/runtime/delete-seen.ts'
import { NODE_ROOT_IMAGE } from '../../../src-wire/node/node-image.ts'

const NAMESPACE = 'default'
const PREFIX = 'recycler-for-'
const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller'
/** Seconds that a pod may take, as long as Kubernetes' own for a directory of a host. */
const PATIENCE = 60
/** Empties a directory, whatever the names in it, and says whether it is empty. */
const SCRUB = 'test -e /scrub && rm -rf /scrub/..?* /scrub/.[!.]* /scrub/* && test -z "$(ls -A /scrub)" || exit 1'

/**
 * Reclaims released volumes of the policy `Recycle` (kubernetes.io, "Persistent Volumes: Recycle"), which directories of hosts and of NFS know: a pod
 * empties them, then the next claim may have them. The pod has the node's own tools, so that nothing is pulled. A volume that could not be emptied has failed.
 */
export function volumeRecycler(): AnyController {
  return defineController<PersistentVolume>({
    name: 'volume-recycler',
    component: 'persistentvolume-controller',
    for: refs.persistentVolumes,
    workers: 1,
    concerns: isToRecycle,
    watches: [watching(refs.pods, volumeOf)],
    async reconcile(ctx, volume) {
      const pod = ctx.informer(refs.pods).get(`${NAMESPACE}/${PREFIX}${volume.metadata.name}`)
      if (pod?.metadata.deletionTimestamp) return done
      if (isToRecycle(volume)) {
        if (!pod) await create(ctx, volume)
        else if (pod.status?.phase === 'Succeeded') await free(ctx, volume)
        else if (pod.status?.phase === 'Failed') await fail(ctx, volume, pod)
        if (!isOver(pod)) return done
      }
      if (pod) await remove(ctx, pod)
      return done
    },
  })
}

const isToRecycle = ({ metadata, spec, status }: PersistentVolume): boolean =>
  spec.persistentVolumeReclaimPolicy === 'Recycle' &&
  status?.phase === 'Released' &&
  spec.claimRef?.uid !== undefined &&
  (spec.hostPath ?? spec.nfs) !== undefined &&
  !metadata.deletionTimestamp

const isOver = (pod: Pod | undefined): boolean => pod?.status?.phase === 'Succeeded' || pod?.status?.phase === 'Failed'

const volumeOf = ({ metadata }: Pod): string[] =>
  metadata.namespace === NAMESPACE && metadata.name.startsWith(PREFIX) ? [metadata.name.slice(PREFIX.length)] : []

async function create(ctx: ControllerContext, { metadata, spec }: PersistentVolume): Promise<void> {
  const { hostPath, nfs, nodeAffinity } = spec
  const required = nodeAffinity?.required
  const pod: Draft<Pod> = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${PREFIX}${metadata.name}`, namespace: NAMESPACE },
    spec: {
      restartPolicy: 'Never',
      activeDeadlineSeconds: PATIENCE,
      automountServiceAccountToken: false,
      ...(required ? { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } } } : {}),
      containers: [
        {
          name: 'pv-recycler',
          image: NODE_ROOT_IMAGE,
          imagePullPolicy: 'IfNotPresent',
          command: ['/usr/bin/sh', '-c', SCRUB],
          env: [{ name: 'PATH', value: '/usr/bin' }],
          securityContext: { runAsUser: 0 },
          volumeMounts: [
            { name: 'node', mountPath: '/usr', readOnly: true },
            { name: 'vol', mountPath: '/scrub' },
          ],
        },
      ],
      volumes: [
        { name: 'node', hostPath: { path: '/usr' } },
        { name: 'vol', ...(hostPath ? { hostPath } : {}), ...(nfs ? { nfs } : {}) },
      ],
    },
  }
  try {
    await ctx.client.resource(refs.pods).create(pod)
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
}

/** Nobody's again; a volume that was made for a claim of a name stays for that name. */
async function free(ctx: ControllerContext, volume: PersistentVolume): Promise<void> {
  const { metadata, spec } = volume
  const { [BOUND_BY_CONTROLLER]: ours, ...annotations } = metadata.annotations ?? {}
  const { claimRef, ...rest } = spec
  const { uid: _, resourceVersion: __, ...named } = claimRef!
  const next = ours === undefined ? { ...rest, claimRef: named } : rest
  await ctx.client
    .resource(refs.persistentVolumes)
    .update({ ...volume, metadata: { ...metadata, annotations }, spec: next })
  ctx.events.event(volume, 'Normal', 'VolumeRecycled', 'Volume recycled')
}

async function fail(ctx: ControllerContext, volume: PersistentVolume, { status }: Pod): Promise<void> {
  const message = `Recycle failed: ${status?.message ?? 'pod failed, pod.Status.Message unknown.'}`
  const failed = {
    ...volume.status,
    phase: 'Failed' as const,
    message,
    lastPhaseTransitionTime: formatTime(ctx.clock.now()),
  }
  await ctx.client.resource(refs.persistentVolumes).updateStatus({ ...volume, status: failed })
  ctx.events.event(volume, 'Warning', 'VolumeFailedRecycle', message)
}

const remove = (ctx: ControllerContext, pod: Pod): Promise<void> => deleteSeen(ctx.client, refs.pods, pod)
