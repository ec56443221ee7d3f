import { csiNode, type DriverNodeInfo } from './api.ts'
import type { Plugin, PluginHandler } from '../plugins/registry.ts'
import { withSocket } from '../plugins/rpc/client.ts'
import type { Method } from '../plugins/rpc/method.ts'

/** Milliseconds that a driver may take for anything. */
const CALL = 120_000

/** The node service of a driver that runs on this node. */
export interface CsiDriver {
  name: string
  /** What it can do, by the numbers of `nodeCan`. */
  can(): Promise<ReadonlySet<number>>
  /** One call, on a connection of its own: a driver may have restarted. Throws `RpcError`. */
  call<In, Ask, AnswerIn, Answer>(method: Method<In, Ask, AnswerIn, Answer>, request: In): Promise<Answer>
}

/** Tells the cluster which drivers the node has. */
export interface DriverAnnouncer {
  announce(driver: string, info: DriverNodeInfo): Promise<void>
  withdraw(driver: string): Promise<void>
}

/** Words of Kubernetes for a driver that is not here. */
const notFound = (name: string): string => `driver name ${name} not found in the list of registered CSI drivers`

/** The CSI drivers that registered with this kubelet (kubernetes-csi.github.io, "node-driver-registrar"). */
export class CsiDrivers implements PluginHandler {
  readonly #announcer: DriverAnnouncer
  readonly #known = new Map<string, CsiDriver & { endpoint: string }>()
  #first = Promise.resolve()

  constructor(announcer: DriverAnnouncer) {
    this.#announcer = announcer
  }

  /** Nobody is said not to be here before that: an agent that has just started hears of drivers that have long been there. */
  awaitFirst(introductions: Promise<void>): void {
    this.#first = introductions
  }

  /** Throws in upstream's words when there is no such driver here. */
  async find(name: string): Promise<CsiDriver> {
    if (!this.#known.has(name)) await this.#first
    const found = this.#known.get(name)
    if (!found) throw new Error(notFound(name))
    return found
  }

  async register({ name, endpoint, versions }: Plugin): Promise<void> {
    if (!versions.some((version) => /^v?1(\.|$)/.test(version)))
      throw new Error(
        `CSI driver ${JSON.stringify(name)} at endpoint ${JSON.stringify(endpoint)} supports versions [${versions.join(' ')}], none of which is 1.x`,
      )
    const driver = driverAt(name, endpoint)
    const info = await driver.call(csiNode.getInfo, {})
    if (info.nodeId === '') throw new Error(`CSI driver ${name} has no name for this node`)
    this.#known.set(name, driver)
    try {
      await this.#announcer.announce(name, info)
    } catch (error) {
      if (this.#known.get(name) === driver) this.#known.delete(name)
      throw error
    }
  }

  async deregister({ name, endpoint }: Plugin): Promise<void> {
    if (this.#known.get(name)?.endpoint !== endpoint) return
    this.#known.delete(name)
    await this.#announcer.withdraw(name)
  }
}

function driverAt(name: string, endpoint: string): CsiDriver & { endpoint: string } {
  const call: CsiDriver['call'] = (method, request) =>
    withSocket(endpoint, (client) => client.call(method, request, { timeout: CALL }))
  let capabilities: Promise<ReadonlySet<number>> | undefined
  return {
    name,
    endpoint,
    call,
    can() {
      capabilities ??= call(csiNode.getCapabilities, {}).then(
        (answer) => new Set(answer.capabilities.map(({ rpc }) => rpc?.type ?? 0)),
      )
      capabilities.catch(() => (capabilities = undefined))
      return capabilities
    },
  }
}
