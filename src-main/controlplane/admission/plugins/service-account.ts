import type { Pod, ServiceAccount } from '#types/core/v1'
import { forbidden } from '../../../../src-kube/machinery/errors.ts'
import { randomSuffix } from '../../../../src-kube/machinery/names.ts'
import type { AdmissionPlugin, ObjectReader } from '../admission.ts'

export const TOKEN_MOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'
/** Seconds a pod's token lives; the odd number lets auditors tell injected tokens from others. */
const TOKEN_SECONDS = 3607
const MIRROR = 'kubernetes.io/config.mirror'

/** Gives every pod a service account and, unless told otherwise, its token (kubernetes.io, "Configure Service Accounts for Pods"). */
export function serviceAccount(read: ObjectReader): AdmissionPlugin {
  return {
    name: 'ServiceAccount',
    resources: ['pods'],
    handles: ({ operation, descriptor, subresource }) =>
      operation === 'CREATE' && descriptor.kind === 'Pod' && subresource === '',
    async admit({ object, namespace, name }) {
      const pod = object as unknown as Pod
      if (pod.metadata.annotations?.[MIRROR]) return
      pod.spec.serviceAccountName ||= pod.spec.serviceAccount || 'default'
      pod.spec.serviceAccount = pod.spec.serviceAccountName
      const account = pod.spec.serviceAccountName
      const found = (await read.get('', 'serviceaccounts', namespace, account)) as ServiceAccount | undefined
      if (!found) {
        throw forbidden(
          { group: '', resource: 'pods' },
          name || pod.metadata.generateName || '',
          `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`,
        )
      }
      if (pod.spec.automountServiceAccountToken ?? found.automountServiceAccountToken ?? true) mountToken(pod)
      if (!pod.spec.imagePullSecrets?.length && found.imagePullSecrets?.length)
        pod.spec.imagePullSecrets = structuredClone(found.imagePullSecrets)
    },
  }
}

function mountToken(pod: Pod): void {
  const containers = [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])]
  const bare = containers.filter(
    (container) => !container.volumeMounts?.some((mount) => mount.mountPath === TOKEN_MOUNT),
  )
  if (bare.length === 0) return
  const name = `kube-api-access-${randomSuffix()}`
  pod.spec.volumes = [
    ...(pod.spec.volumes ?? []),
    {
      name,
      projected: {
        defaultMode: 420,
        sources: [
          { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
          { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
          {
            downwardAPI: {
              items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
            },
          },
        ],
      },
    },
  ]
  for (const container of bare) {
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: TOKEN_MOUNT }]
  }
}
