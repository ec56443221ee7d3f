import { parseYaml } from '../../../../src-kube/machinery/yaml.ts'

/** What a device asks of a container's making (github.com/cncf-tags/container-device-interface, "SPEC.md": `containerEdits`). */
export interface SpecEdits {
  env?: readonly string[] | null
  deviceNodes?: ReadonlyArray<{ path: string; hostPath?: string; permissions?: string }> | null
  mounts?: ReadonlyArray<{ hostPath: string; containerPath: string; type?: string; options?: readonly string[] }> | null
  hooks?: ReadonlyArray<{ hookName: string; path: string }> | null
  additionalGids?: readonly number[] | null
  netDevices?: ReadonlyArray<{ hostInterfaceName: string }> | null
  intelRdt?: object | null
}

/** Devices of one vendor and class, as a file on the node tells of them. */
export interface Spec {
  /** `vendor.com/class`. */
  kind: string
  devices: ReadonlyArray<{ name: string; containerEdits: SpecEdits }>
  /** For whoever is given any of the devices. */
  containerEdits?: SpecEdits | undefined
}

const KIND = /^[A-Za-z]([A-Za-z0-9_.-]*[A-Za-z0-9])?\/[A-Za-z]([A-Za-z0-9_-]*[A-Za-z0-9])?$/
const DEVICE = /^[A-Za-z0-9]([A-Za-z0-9_.:-]*[A-Za-z0-9])?$/
/** 0.3.0 is the first version that the specification still knows; within 1 nothing is taken away. */
const VERSION = /^(0\.[3-9]\d*|1\.\d+)\.\d+$/

/** Reads the text of a specification, JSON or YAML. Throws an Error that says what is wrong with it. Pure. */
export function parseSpec(text: string): Spec {
  const parsed = parseYaml(text) as Partial<Spec & { cdiVersion: string }> | null
  if (typeof parsed !== 'object' || parsed === null) throw new Error('no CDI specification')
  const { cdiVersion, kind, devices, containerEdits } = parsed
  if (typeof cdiVersion !== 'string' || !VERSION.test(cdiVersion.replace(/^v/, '')))
    throw new Error(`cdiVersion: ${JSON.stringify(cdiVersion)} is no version that is known`)
  if (typeof kind !== 'string' || !KIND.test(kind))
    throw new Error(`kind: ${JSON.stringify(kind)} is not of the form vendor/class`)
  if (!Array.isArray(devices) || devices.length === 0) throw new Error('devices: a specification has at least one')
  for (const device of devices as Spec['devices']) {
    if (typeof device?.name !== 'string' || !DEVICE.test(device.name))
      throw new Error(`devices: ${JSON.stringify(device?.name)} is no name of a device`)
  }
  const repeated = devices.find(({ name }, i) => devices.findIndex((one) => one.name === name) !== i)
  if (repeated) throw new Error(`devices: ${JSON.stringify(repeated.name)} is there twice`)
  return {
    kind,
    devices: devices.map(({ name, containerEdits: own = {} }) => ({ name, containerEdits: own })),
    containerEdits,
  }
}
