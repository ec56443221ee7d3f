import type { Clock } from '../../../src-kube/machinery/clock.ts'
import { RpcError } from '../plugins/rpc/codes.ts'
import type { RpcClient } from '../plugins/rpc/client.ts'
import { nodeWatchResources } from './messages.ts'

/** How a device is; nobody knows where nobody says. */
export type Health = 'Healthy' | 'Unhealthy' | 'Unknown'

/** By number, as drivers say it. */
const healthByNumber: readonly Health[] = ['Unknown', 'Healthy', 'Unhealthy']
/** Milliseconds for which a word holds when its driver says nothing else, and until a driver that broke off is heard again. */
const HOLDS = 30_000
const RETRY = 5_000

interface Word {
  health: Health
  until: number
}

/** Who hears of the health of devices. */
export interface DriverHealthOptions {
  clock: Clock
  /** Devices of the driver are other than they were. */
  changed(driver: string): void
  log(message: string): void
}

/** What drivers tell of their devices (KEP-4680): each word holds for a time, and no longer than its driver is heard. */
export class DriverHealth {
  readonly #options: DriverHealthOptions
  readonly #words = new Map<string, Map<string, Word>>()

  constructor(options: DriverHealthOptions) {
    this.#options = options
  }

  of(driver: string, pool: string, device: string): Health {
    const word = this.#words.get(driver)?.get(`${pool}/${device}`)
    return word && word.until > this.#options.clock.now() ? word.health : 'Unknown'
  }

  /** Hears a driver until the signal; one that tells nothing of health is asked once. */
  async watch(driver: string, client: Pick<RpcClient, 'listen'>, signal: AbortSignal): Promise<void> {
    const { clock, log, changed } = this.#options
    try {
      await client.listen(nodeWatchResources, {}, ({ devices }) => this.#heard(driver, devices), signal)
    } catch (error) {
      if (signal.aborted || (error instanceof RpcError && error.is('Unimplemented'))) return
      log(`health of devices of ${driver}: ${error instanceof Error ? error.message : String(error)}`)
    } finally {
      if (this.#words.delete(driver)) changed(driver)
    }
    if (!signal.aborted) clock.after(RETRY, () => void this.watch(driver, client, signal))
  }

  #heard(driver: string, devices: ReadonlyArray<{ device: Identifier | undefined; health: number; timeout: number }>) {
    const now = this.#options.clock.now()
    const words = this.#words.get(driver) ?? new Map<string, Word>()
    const before = [...words.values()].map(({ health }) => health).join()
    for (const { device, health, timeout } of devices) {
      const until = now + (timeout > 0 ? timeout * 1000 : HOLDS)
      words.set(`${device?.pool}/${device?.name}`, { health: healthByNumber[health] ?? 'Unknown', until })
    }
    this.#words.set(driver, words)
    if (before !== [...words.values()].map(({ health }) => health).join()) this.#options.changed(driver)
  }
}

interface Identifier {
  pool: string
  name: string
}
