import type { CSIDriver, CSINode, CSIStorageCapacity, VolumeAttachment } from '#types/storage.k8s.io/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { isDns1123Subdomain, isQualifiedName } from '../../../../src-kube/machinery/names.ts'
import type { Strategy } from '../strategy.ts'
import { immutable, oneOf } from './checks.ts'
import { same } from './same.ts'

const path = fieldPath('spec')
const LONGEST_DRIVER = 63
const LONGEST_NODE_ID = 192
/** Seconds that a token for a driver lives at least. */
const SHORTEST_TOKEN = 600

/** What a CSI driver may be called: a domain, in any case. */
function driverName(name: string | undefined, at: ReturnType<typeof fieldPath>): FieldError[] {
  if (!name) return [at.required()]
  const errors = name.length > LONGEST_DRIVER ? [at.tooLong(LONGEST_DRIVER)] : []
  return [...errors, ...isDns1123Subdomain(name.toLowerCase()).map((words) => at.invalid(name, words))]
}

/** Nobody would heed the field: the feature gate VolumeLimitScaling is off. */
function dropWhatIsOff(_context: unknown, object: CSIDriver): void {
  if (object.spec?.preventPodSchedulingIfMissing === undefined) return
  const { preventPodSchedulingIfMissing: _, ...spec } = object.spec
  object.spec = spec
}

/** kubernetes.io, "CSIDriver: Token Requests": each for an audience of its own, and from ten minutes on. */
function tokenErrors({ tokenRequests, serviceAccountTokenInSecrets }: CSIDriver['spec']): FieldError[] {
  const requests = tokenRequests ?? []
  const errors = requests.flatMap(({ audience, expirationSeconds = SHORTEST_TOKEN }, i) => {
    const at = path.child('tokenRequests').index(i)
    const expiration = at.child('expirationSeconds')
    return [
      ...(requests.findIndex((one) => one.audience === audience) < i ? [at.child('audience').duplicate(audience)] : []),
      ...(expirationSeconds < SHORTEST_TOKEN
        ? [expiration.invalid(expirationSeconds, 'may not specify a duration less than 10 minutes')]
        : []),
      ...(expirationSeconds > 2 ** 32
        ? [expiration.invalid(expirationSeconds, 'may not specify a duration larger than 2^32 seconds')]
        : []),
    ]
  })
  if (serviceAccountTokenInSecrets === undefined || requests.length > 0) return errors
  const words = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified'
  return [...errors, path.child('serviceAccountTokenInSecrets').invalid(serviceAccountTokenInSecrets, words)]
}

/** kubernetes.io, "CSIDriver": what a driver is told of volumes, and how long they live. */
export const csiDriverStrategy: Strategy<CSIDriver> = {
  prepareForCreate: dropWhatIsOff,
  prepareForUpdate: dropWhatIsOff,
  validate(_context, object) {
    const { spec, metadata } = object
    // That there is no name is said of every kind.
    const errors = metadata.name ? driverName(metadata.name, fieldPath('metadata', 'name')) : []
    for (const field of ['attachRequired', 'podInfoOnMount', 'storageCapacity'] as const)
      if (spec?.[field] === undefined) errors.push(path.child(field).required())
    for (const mode of spec?.volumeLifecycleModes ?? [])
      errors.push(...oneOf(mode, ['Ephemeral', 'Persistent'], path.child('volumeLifecycleModes')))
    const policies = ['File', 'None', 'ReadWriteOnceWithFSType']
    if (spec?.fsGroupPolicy) errors.push(...oneOf(spec.fsGroupPolicy, policies, path.child('fsGroupPolicy')))
    const period = spec?.nodeAllocatableUpdatePeriodSeconds
    if (period !== undefined && period < 10)
      errors.push(
        path.child('nodeAllocatableUpdatePeriodSeconds').invalid(period, 'must be greater than or equal to 10 seconds'),
      )
    return [...errors, ...tokenErrors(spec ?? {})]
  },
  validateUpdate(_context, object, old) {
    const now = object.spec
    const before = old.spec
    return (['attachRequired', 'volumeLifecycleModes'] as const).flatMap((field) =>
      immutable(now?.[field], before?.[field], path.child(field)),
    )
  },
}

/** The drivers of a node; what is known of one does not change while it is there. */
export const csiNodeStrategy: Strategy<CSINode> = {
  validate(_context, object) {
    const seen = new Set<string>()
    return (object.spec?.drivers ?? []).flatMap(({ name, nodeID, topologyKeys, allocatable }, i) => {
      const at = path.child('drivers').index(i)
      const errors = driverName(name, at.child('name'))
      if (seen.has(name)) errors.push(at.child('name').duplicate(name))
      seen.add(name)
      if (!nodeID) errors.push(at.child('nodeID').required())
      else if (nodeID.length > LONGEST_NODE_ID)
        errors.push(at.child('nodeID').invalid(nodeID, `must be ${LONGEST_NODE_ID} characters or less`))
      for (const key of topologyKeys ?? [])
        errors.push(...isQualifiedName(key).map((words) => at.child('topologyKeys').invalid(key, words)))
      for (const key of new Set((topologyKeys ?? []).filter((one, n, all) => all.indexOf(one) < n)))
        errors.push(at.child('topologyKeys').duplicate(key))
      if ((allocatable?.count ?? 0) < 0)
        errors.push(at.child('allocatable', 'count').invalid(allocatable?.count, 'must be greater than or equal to 0'))
      return errors
    })
  },
  validateUpdate(_context, object, old) {
    const before = old.spec?.drivers ?? []
    return (object.spec?.drivers ?? []).flatMap((driver, i) => {
      const was = before.find(({ name }) => name === driver.name)
      const changed = was && !same({ ...driver, allocatable: undefined }, { ...was, allocatable: undefined })
      return changed ? [path.child('drivers').index(i).invalid(driver, 'field is immutable')] : []
    })
  },
}

/** kubernetes.io, "Storage Capacity": for whom it is never changes, how much there is does. */
export const csiStorageCapacityStrategy: Strategy<CSIStorageCapacity> = {
  validate(_context, object) {
    const { storageClassName: name } = object
    const at = fieldPath('storageClassName')
    return name ? isDns1123Subdomain(name).map((words) => at.invalid(name, words)) : [at.required()]
  },
  validateUpdate: (_context, object, old) =>
    (['nodeTopology', 'storageClassName'] as const).flatMap((field) =>
      immutable(object[field], old[field], fieldPath(field)),
    ),
}

/** That a volume is to be attached to a node; the wish never changes. */
export const volumeAttachmentStrategy: Strategy<VolumeAttachment> = {
  prepareForCreate(_context, object) {
    object['status'] = { attached: false }
  },
  validate(_context, object) {
    const { attacher, nodeName, source } = object.spec ?? {}
    const errors = driverName(attacher, path.child('attacher'))
    const at = path.child('source')
    const { persistentVolumeName, inlineVolumeSpec } = source ?? {}
    if (!persistentVolumeName && !inlineVolumeSpec)
      errors.push(at.required('must specify exactly one of inlineVolumeSpec and persistentVolumeName'))
    if (persistentVolumeName && inlineVolumeSpec)
      errors.push(at.forbidden('must specify exactly one of inlineVolumeSpec and persistentVolumeName'))
    if (!nodeName) errors.push(path.child('nodeName').required())
    else errors.push(...isDns1123Subdomain(nodeName).map((words) => path.child('nodeName').invalid(nodeName, words)))
    const volume = at.child('persistentVolumeName')
    if (persistentVolumeName)
      errors.push(...isDns1123Subdomain(persistentVolumeName).map((w) => volume.invalid(persistentVolumeName, w)))
    return errors
  },
  prepareForUpdate(context, object, old) {
    if (context.subresource === '') object['status'] = old['status']
    else object['spec'] = old['spec']
  },
  validateUpdate: (_context, object, old) => immutable(object['spec'], old['spec'], path),
}
