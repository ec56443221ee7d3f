import type { Pod, ProjectedVolumeSource, ServiceAccount } from '#types/core/v1'
import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import { deepFreeze } from '../../../../src-kube/machinery/deep-freeze.ts'
import { forbidden } from '../../../../src-kube/machinery/errors.ts'
import { objectKey, type KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { randomSuffix } from '../../../../src-kube/machinery/names.ts'
import type { AdmissionAttributes, AdmissionPlugin, ObjectWatcher } from '../admission.ts'
import { keep } from '../keep.ts'
import { refusalName } from '../refusal-name.ts'

const TOKEN_MOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'
/** Seconds a pod's token lives; the odd number lets auditors tell injected tokens from others. */
const TOKEN_SECONDS = 3607
const MIRROR = 'kubernetes.io/config.mirror'

/** Every namespace gets this one; a new namespace soon, but not at once. */
const DEFAULT = 'default'
/** Milliseconds that a pod waits for it: a manifest may bring its namespace along. */
const PATIENCE = 1500

/** Gives every pod a service account and, unless told otherwise, its token (kubernetes.io, "Configure Service Accounts for Pods"). */
export function serviceAccount(read: ObjectWatcher, clock: Clock): AdmissionPlugin {
  const accounts = keep(
    read,
    { group: '', resource: 'serviceaccounts' },
    new Map<string, ServiceAccount>(),
    (byKey, object, old) => {
      if (object) byKey.set(objectKey(object), object as ServiceAccount)
      else byKey.delete(objectKey(old!))
    },
  )
  const look = async (attributes: AdmissionAttributes, account: string): Promise<void> => {
    const { namespace } = attributes
    const known = (await accounts.get()).get(keyOf(namespace, account))
    const found = known ?? (account === DEFAULT ? await accountSoon(read, clock, namespace) : undefined)
    if (found) return give(attributes.object as Pod, found)
    throw forbidden(
      { group: '', resource: 'pods' },
      refusalName(attributes),
      `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`,
    )
  }
  return {
    name: 'ServiceAccount',
    resources: ['pods'],
    handles: ({ operation, descriptor, subresource }) =>
      operation === 'CREATE' && descriptor.kind === 'Pod' && subresource === '',
    admit(attributes) {
      const pod = attributes.object as Pod
      if (pod.metadata.annotations?.[MIRROR]) return
      pod.spec.serviceAccountName ||= pod.spec.serviceAccount || DEFAULT
      pod.spec.serviceAccount = pod.spec.serviceAccountName
      const found = accounts.known?.get(keyOf(attributes.namespace, pod.spec.serviceAccountName))
      return found ? give(pod, found) : look(attributes, pod.spec.serviceAccountName)
    },
  }
}

const keyOf = (namespace: string, name: string): string => objectKey({ metadata: { namespace, name } })

/** What a pod has of its account. */
function give(pod: Pod, account: ServiceAccount): void {
  if (pod.spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(pod)
  if (!pod.spec.imagePullSecrets?.length && account.imagePullSecrets?.length)
    pod.spec.imagePullSecrets = structuredClone(account.imagePullSecrets)
}

const accountOf = async (read: ObjectWatcher, namespace: string, name: string): Promise<ServiceAccount | undefined> =>
  (await read.get('', 'serviceaccounts', namespace, name)) as ServiceAccount | undefined

/** The default account of a namespace as soon as it is there; undefined when it does not come. */
async function accountSoon(read: ObjectWatcher, clock: Clock, namespace: string): Promise<ServiceAccount | undefined> {
  const { promise, resolve } = Promise.withResolvers<ServiceAccount | undefined>()
  const isIt = ({ metadata }: KubeObject): boolean => metadata.namespace === namespace && metadata.name === DEFAULT
  const stop = read.observe('', 'serviceaccounts', (object) => {
    if (object && isIt(object)) resolve(object as ServiceAccount)
  })
  const timer = clock.after(PATIENCE, () => resolve(undefined))
  try {
    // It may have come while nobody listened.
    return (await accountOf(read, namespace, DEFAULT)) ?? (await promise)
  } finally {
    stop()
    timer.cancel()
  }
}

/** What the volume of every token holds: all pods share it, since objects of the registry are never written into. */
const tokenVolume: ProjectedVolumeSource = deepFreeze({
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
})

function mountToken(pod: Pod): void {
  const containers = [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])]
  const bare = containers.filter(
    (container) => !container.volumeMounts?.some((mount) => mount.mountPath === TOKEN_MOUNT),
  )
  if (bare.length === 0) return
  const name = `kube-api-access-${randomSuffix()}`
  const { spec } = pod
  spec.volumes = withOne(spec.volumes, { name, projected: tokenVolume })
  const mount = { name, readOnly: true, mountPath: TOKEN_MOUNT }
  for (const container of bare) container.volumeMounts = withOne(container.volumeMounts, mount)
}

/** Every pod has such lists for as long as it lives: one that is spread out has room for sixteen more. */
const withOne = <T>(list: readonly T[] | undefined, one: T): T[] => (list?.length ? [...list, one] : [one])
