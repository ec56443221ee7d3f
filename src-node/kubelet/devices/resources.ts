import type { Clock, Timer } from '../../../src-kube/machinery/clock.ts'
import { amountsOf, type DeviceAmounts, type PluginDevice } from './plan/amounts.ts'
import type { DevicePlugin } from './plugin.ts'

/** Milliseconds that a resource stays known without its plugin. */
const GRACE = 300_000

interface Resource {
  devices: ReadonlyMap<string, PluginDevice>
  /** Whether its plugin has told of them. */
  isTold: boolean
  /** Undefined while nobody offers it. */
  plugin: DevicePlugin | undefined
  forget: Timer | undefined
}

const statement = (devices: ReadonlyMap<string, PluginDevice>): string =>
  JSON.stringify([...devices].toSorted(([a], [b]) => (a < b ? -1 : 1)))

/** Plugins may tell the same again and again. */
const sameDevices = (a: ReadonlyMap<string, PluginDevice>, b: ReadonlyMap<string, PluginDevice>): boolean =>
  a.size === b.size && statement(a) === statement(b)

/** What resources tell of themselves. */
export interface ResourcesOptions {
  clock: Clock
  /** Devices of the resource came, went or have another health. */
  changed(resource: string): void
}

/**
 * The resources that plugins offer, with their devices. One whose plugin goes has no healthy device from then on, and is none any more after five
 * minutes (kubernetes.io, "Device Plugins").
 */
export class Resources {
  readonly #options: ResourcesOptions
  readonly #known = new Map<string, Resource>()
  /** Those that were known once: their node has none of them. */
  readonly #gone = new Set<string>()

  constructor(options: ResourcesOptions) {
    this.#options = options
  }

  /** Resources that an earlier agent knew: their plugins may come back. */
  remember(names: Iterable<string>): void {
    for (const name of names)
      if (!this.#known.has(name))
        this.#known.set(name, { devices: new Map(), isTold: false, plugin: undefined, forget: this.#later(name) })
  }

  get names(): string[] {
    return [...this.#known.keys()]
  }

  has(name: string): boolean {
    return this.#known.has(name)
  }

  plugin(name: string): DevicePlugin | undefined {
    return this.#known.get(name)?.plugin
  }

  devices(name: string): ReadonlyMap<string, PluginDevice> | undefined {
    return this.#known.get(name)?.devices
  }

  healthy(name: string): Set<string> {
    const devices = [...(this.devices(name) ?? [])]
    return new Set(devices.flatMap(([id, { healthy }]) => (healthy ? [id] : [])))
  }

  /** By name what the node has. */
  amounts(): Map<string, DeviceAmounts> {
    const none: DeviceAmounts = { capacity: 0, allocatable: 0 }
    const gone = [...this.#gone].map((name) => [name, none] as const)
    return new Map([...gone, ...[...this.#known].map(([name, { devices }]) => [name, amountsOf(devices)] as const)])
  }

  /** A plugin offers the resource from now on; what another told of it holds until this one tells. Answers that other one. */
  offer(name: string, plugin: DevicePlugin): DevicePlugin | undefined {
    const before = this.#known.get(name)
    before?.forget?.cancel()
    this.#gone.delete(name)
    this.#known.set(name, { devices: before?.devices ?? new Map(), isTold: false, plugin, forget: undefined })
    return before?.plugin
  }

  /** What a plugin tells; nothing when another has come in its place. */
  told(name: string, plugin: DevicePlugin, devices: ReadonlyMap<string, PluginDevice>): void {
    const known = this.#known.get(name)
    if (known?.plugin !== plugin || (known.isTold && sameDevices(known.devices, devices))) return
    Object.assign(known, { devices, isTold: true })
    this.#options.changed(name)
  }

  /** A plugin tells no more. */
  lost(name: string, plugin: DevicePlugin): void {
    const known = this.#known.get(name)
    if (known?.plugin !== plugin) return
    const devices = new Map([...known.devices].map(([id, device]) => [id, { ...device, healthy: false }]))
    this.#known.set(name, { devices, isTold: false, plugin: undefined, forget: this.#later(name) })
    this.#options.changed(name)
  }

  #later(name: string): Timer {
    return this.#options.clock.after(GRACE, () => {
      this.#known.delete(name)
      this.#gone.add(name)
      this.#options.changed(name)
    })
  }

  stop(): void {
    for (const { plugin, forget } of this.#known.values()) {
      plugin?.close()
      forget?.cancel()
    }
  }
}
