import type { Device, DeviceClass, ResourceSlice, ResourceSliceSpec } from '#types/resource.k8s.io/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import type { KubeObject } from '../../../../../src-kube/machinery/meta.ts'
import { isDns1123Label, isDns1123Subdomain } from '../../../../../src-kube/machinery/names.ts'
import { formatTime } from '../../../../../src-kube/machinery/time.ts'
import type { Strategy, StrategyContext } from '../../strategy.ts'
import { immutable } from '../checks.ts'
import { MOST_ENTRIES, tooMany, validateConfiguration, validateDriver, validateSelectors } from './selectors.ts'

const spec = fieldPath('spec')
const MOST_DEVICES = 128
const places = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'] as const
const PLACE_WORDS = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'

/** Which devices requests of a class are for. */
export const deviceClassStrategy: Strategy<DeviceClass> = {
  validate(_context, object) {
    const { selectors, config } = object.spec ?? {}
    return [
      ...validateSelectors(selectors, spec.child('selectors')),
      ...tooMany(config, MOST_ENTRIES, spec.child('config')),
      ...(config ?? []).flatMap((one, i) => validateConfiguration(one, spec.child('config').index(i))),
    ]
  },
}

/** The devices that a driver tells of; whose they are and of which pool never changes. */
export const resourceSliceStrategy: Strategy<ResourceSlice> = {
  prepareForCreate: dateTaints,
  prepareForUpdate: dateTaints,
  validate(_context, object) {
    const { spec: slice } = object
    return [
      ...validateDriver(slice.driver, spec.child('driver')),
      ...validatePool(slice),
      ...validatePlace(slice),
      ...validateDevices(slice),
    ]
  },
  validateUpdate(_context, object, old) {
    const now = object.spec
    const before = old.spec
    return [
      ...immutable(now.nodeName, before.nodeName, spec.child('nodeName')),
      ...immutable(now.driver, before.driver, spec.child('driver')),
      ...immutable(now.pool?.name, before.pool?.name, spec.child('pool', 'name')),
    ]
  },
}

/** Pods are given time from when a device was tainted: the server notes it where the driver does not. */
function dateTaints({ now }: StrategyContext, object: KubeObject): void {
  const slice = object as ResourceSlice
  const undated = (device: Device) => device.taints?.some((taint) => !taint.timeAdded)
  if (!slice.spec?.devices?.some(undated)) return
  const timeAdded = formatTime(now)
  const dated = (device: Device): Device =>
    undated(device) ? { ...device, taints: device.taints!.map((taint) => ({ timeAdded, ...taint })) } : device
  slice.spec = { ...slice.spec, devices: slice.spec.devices.map(dated) }
}

function validatePool({ pool }: Partial<ResourceSliceSpec>): FieldError[] {
  const at = spec.child('pool')
  const name = pool?.name
  const resourceSliceCount = pool?.resourceSliceCount ?? 0
  const generation = pool?.generation ?? 0
  // A name may be a path of domains.
  const errors = name
    ? name.split('/').flatMap((part) => isDns1123Subdomain(part).map((words) => at.child('name').invalid(part, words)))
    : [at.child('name').required()]
  if (resourceSliceCount <= 0)
    errors.push(at.child('resourceSliceCount').invalid(resourceSliceCount, 'must be greater than zero'))
  if (generation < 0) errors.push(at.child('generation').invalid(generation, 'must be greater than or equal to zero'))
  return errors
}

function validatePlace(slice: ResourceSliceSpec): FieldError[] {
  const given = places.filter((place) => slice[place] !== undefined && slice[place] !== false && slice[place] !== '')
  if (given.length === 0) return [spec.required(PLACE_WORDS)]
  if (given.length === 1) return []
  const list = `{${given.map((place) => `\`${place}\``).join(', ')}}`
  return [spec.invalid(list, `${PLACE_WORDS}, but multiple fields are set`)]
}

function validateDevices({ devices = [] }: ResourceSliceSpec): FieldError[] {
  const at = spec.child('devices')
  const seen = new Set<string>()
  const errors = tooMany(devices, MOST_DEVICES, at)
  for (const [i, { name, attributes }] of devices.entries()) {
    if (!name) errors.push(at.index(i).child('name').required())
    else errors.push(...isDns1123Label(name).map((words) => at.index(i).child('name').invalid(name, words)))
    if (name && seen.has(name)) errors.push(at.index(i).child('name').duplicate(name))
    seen.add(name)
    for (const [key, value] of Object.entries(attributes ?? {}))
      if (Object.keys(value).length !== 1)
        errors.push(
          Object.keys(value).length === 0
            ? at.index(i).child('attributes').key(key).required('exactly one value must be specified')
            : at.index(i).child('attributes').key(key).invalid(value, 'exactly one value must be specified'),
        )
  }
  return errors
}
