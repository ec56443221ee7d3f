/**
 * The devices of a node: those of plugins, which are given away as pods are admitted, and those of claims, which drivers ready before a pod starts
 * (kubernetes.io, "Device Plugins", "Dynamic Resource Allocation"). A container that has any is made with what they ask for.
 */
import { join } from 'node:path'
import type { Container, Node, Pod } from '#types/core/v1'
import { usesClaims } from '../../../src-kube/kinds/resource/pod-claims.ts'
import type { Metric } from '../../../src-kube/machinery/metrics/prometheus.ts'
import { cdiEdits } from '../cdi/index.ts'
import { Drivers } from '../claims/drivers.ts'
import { DriverHealth } from '../claims/health.ts'
import { ClaimManager } from '../claims/manager.ts'
import type { KubeletOptions } from '../options.ts'
import { ContainerConfigError } from '../plan/config-error.ts'
import type { DeviceFacts } from '../pod-resources/plan.ts'
import { servePodResources } from '../pod-resources/serve.ts'
import type { PluginHandler, PluginType } from '../plugins/registry.ts'
import type { Device } from '../runtime/devices.ts'
import type { Mount } from '../runtime/mounts.ts'
import { DeviceInstruments } from './instruments.ts'
import { CheckpointFile } from './checkpoint-file.ts'
import { type AllocatedStatus, DeviceManager, type Verdict } from './manager.ts'
import type { DeviceAmounts } from './plan/amounts.ts'
import { withGiven } from './plan/given.ts'
import { devicePluginHandler, serveRegistration } from './registration.ts'

/** What a container is made with for the devices that it has. */
export interface ContainerExtras {
  /** Variables that the container's own stand before. */
  env: Readonly<Record<string, string>>
  /** Variables that stand before the container's own. */
  overrides: Readonly<Record<string, string>>
  mounts: readonly Mount[]
  devices: readonly Device[]
  groups: readonly number[]
  annotations: Readonly<Record<string, string>>
}

/** What pods have of their node's devices. */
export interface PodDevices {
  /** Gives a pod that is being judged what it asks for. Throws an Error when that cannot be. */
  allocate(pod: Pod): Promise<void>
  /** The node has judged it: one that it has refused uses nothing. */
  decided(uid: string, verdict: Verdict): void
  /** The node with no less than was given away: that is not judged a second time. */
  withGiven(node: Node): Node
  /** Readies what a pod claims, before anything of it runs. Throws an Error. */
  prepare(pod: Pod): Promise<void>
  /** Takes back what a pod that has ended claimed. Throws an Error; then it is to be called again. */
  unprepare(pod: Pod): Promise<void>
  /** Undefined when a container has no device. Throws an Error. */
  extrasFor(pod: Pod, container: Container): Promise<ContainerExtras | undefined>
  /** How a container's devices are. */
  statusOf(pod: Pod, container: Container): AllocatedStatus | undefined
}

/** The devices of a node as a whole. */
export interface NodeDevices extends PodDevices {
  amounts(): ReadonlyMap<string, DeviceAmounts>
  metrics(): Metric[]
  /** Who works with which plugins that introduce themselves. */
  handlers: Partial<Record<PluginType, PluginHandler>>
  /** Opens the sockets at which plugins register and monitors ask, once pods are known. */
  start(): void
}

/** What hears of devices. */
export interface DeviceHooks {
  /** The pods of the node. */
  pods(): readonly Pod[]
  /** Of these, those that may still use what they were given. */
  active(): readonly Pod[]
  /** The node has other amounts. */
  amountsChanged(): void
  /** Something about the devices of these pods is other than it was; of all pods when undefined. */
  changed(pods?: ReadonlySet<string>): void
}

/** The devices of a node, of whom none is known before plugins have registered. */
export function createDevices(options: KubeletOptions, hooks: DeviceHooks): NodeDevices {
  const { stateDirectory, log } = options
  const directory = join(stateDirectory, 'device-plugins')
  const { amountsChanged } = hooks
  const active = () => uidsOf(hooks.active())
  const healthChanged = (pods: ReadonlySet<string>): void => hooks.changed(pods)
  const instruments = new DeviceInstruments(options.clock)
  const manager = new DeviceManager({ ...options, directory, active, amountsChanged, healthChanged, instruments })
  let arePodsKnown = false
  const reconcile = (): void => {
    if (arePodsKnown) claims.reconcile(uidsOf(hooks.pods())).catch(failed)
  }
  const registered = (): void => {
    hooks.changed()
    reconcile()
  }
  const failed = (error: unknown): void => log(`devices: ${String(error)}`)
  const health = new DriverHealth({ ...options, changed: (driver) => hooks.changed(claims.usersOf(driver)) })
  const drivers = new Drivers({ ...options, registered, health })
  const claims = new ClaimManager({
    ...options,
    drivers,
    health,
    file: new CheckpointFile(join(stateDirectory, 'dra_manager_state')),
  })
  manager.load().catch(failed)
  claims.load().catch(failed)
  // Before any of them can register.
  drivers.start()
  return {
    ...podDevices({ manager, claims, instruments, log }),
    amounts: () => manager.amounts(),
    metrics: () => instruments.metrics(claims.claims),
    handlers: { DevicePlugin: devicePluginHandler(manager), DRAPlugin: drivers },
    start() {
      arePodsKnown = true
      const path = join(stateDirectory, 'pod-resources/kubelet.sock')
      const facts = () => factsOf(manager, claims)
      for (const served of [
        serveRegistration({ directory, plugins: manager, log }),
        servePodResources({ path, pods: () => hooks.active(), facts }),
      ])
        served.then(({ stop }) => onceAborted(options.signal, stop)).catch(failed)
      reconcile()
    },
  }
}

interface Parts {
  manager: DeviceManager
  claims: ClaimManager
  instruments: DeviceInstruments
  log(message: string): void
}

const nothing = Promise.resolve()

function podDevices({ manager, claims, instruments, log }: Parts): PodDevices {
  return {
    allocate: (pod) => manager.allocate(pod),
    decided: (uid, verdict) => manager.decided(uid, verdict),
    withGiven: (node) => withGiven(node, (resource) => manager.given(resource)),
    prepare: (pod) => (usesClaims(pod) ? instruments.operation('PrepareResources', claims.prepare(pod)) : nothing),
    unprepare: (pod) =>
      usesClaims(pod) ? instruments.operation('UnprepareResources', claims.unprepare(pod)) : nothing,
    extrasFor: (pod, container) => extrasFor({ manager, claims, log }, pod, container),
    statusOf(pod, container) {
      const claimed = claims.statusOf(pod, container)
      const given = manager.statusOf(pod.metadata.uid, container.name)
      return claimed.length > 0 ? [...(given ?? []), ...claimed] : given
    },
  }
}

const uidsOf = (pods: readonly Pod[]): Set<string> => new Set(pods.map(({ metadata }) => metadata.uid))

function factsOf({ assignments, resources }: DeviceManager, { claims }: ClaimManager): DeviceFacts {
  const devices = resources.names.map((name) => [name, resources.devices(name) ?? new Map()] as const)
  return { assignments, claims, devices: new Map(devices) }
}

function onceAborted(signal: AbortSignal, stop: () => void): void {
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
}

interface Sources {
  manager: Pick<DeviceManager, 'grantFor'>
  claims: Pick<ClaimManager, 'cdiDevicesFor'>
  log(message: string): void
}

async function extrasFor(
  { manager, claims, log }: Sources,
  pod: Pod,
  container: Container,
): Promise<ContainerExtras | undefined> {
  const [grant, claimed] = await given({ manager, claims }, pod, container)
  const names = [...(grant?.cdiDevices ?? []), ...claimed]
  if (!grant && names.length === 0) return undefined
  const edits = await cdiEdits(names, { log })
  return {
    env: grant?.env ?? {},
    overrides: edits.env,
    mounts: [...(grant?.mounts ?? []), ...edits.mounts],
    devices: [...(grant?.devices ?? []), ...edits.devices],
    groups: edits.groups,
    annotations: grant?.annotations ?? {},
  }
}

async function given({ manager, claims }: Omit<Sources, 'log'>, pod: Pod, container: Container) {
  try {
    return [await manager.grantFor(pod, container), claims.cdiDevicesFor(pod, container)] as const
  } catch (error) {
    throw new ContainerConfigError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}
