import { withSocket } from '../../plugins/rpc/client.ts'
import type { Written } from '../../plugins/rpc/message.ts'
import { answering, serveSocket, streaming } from '../../plugins/rpc/server.ts'
import {
  allocate,
  type ContainerAnswer,
  getDevicePluginOptions,
  getPreferredAllocation,
  listAndWatch,
  preStartContainer,
  register,
} from '../messages.ts'

/** What a device plugin in a test does. */
export interface FakeDevicePluginOptions {
  /** By id whether it is healthy. */
  devices: Record<string, boolean>
  /** What a container is told; nothing by default. May throw. */
  answer?(ids: readonly string[]): Written<typeof ContainerAnswer>
  /** Whether it prefers the last ones, and wants to know of starts. */
  asks?: boolean
}

/** A device plugin, with what it was asked. */
export interface FakeDevicePlugin {
  allocated: string[][]
  started: string[][]
  /** Tells of other devices. */
  tell(devices: Record<string, boolean>): void
  /** Registers at the kubelet's socket, by the name of its own. */
  register(kubelet: string, resource: string, endpoint: string, version?: string): Promise<void>
  stop(): void
}

/** Serves a device plugin at a socket. */
export async function fakeDevicePlugin(path: string, options: FakeDevicePluginOptions): Promise<FakeDevicePlugin> {
  let { devices } = options
  const { answer = () => ({}), asks = false } = options
  const [allocated, started]: string[][][] = [[], []]
  const listeners = new Set<() => void>()
  const { stop } = await serveSocket(path, [
    answering(getDevicePluginOptions, () => ({ preStartRequired: asks, getPreferredAllocationAvailable: asks })),
    streaming(listAndWatch, async (_, send, signal) => {
      const tell = (): void =>
        send({
          devices: Object.entries(devices).map(([id, healthy]) => ({ id, health: healthy ? 'Healthy' : 'Unhealthy' })),
        })
      tell()
      listeners.add(tell)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      listeners.delete(tell)
    }),
    answering(getPreferredAllocation, ({ containers }) => ({
      containers: containers.map(({ available, size }) => ({ ids: available.toSorted().toReversed().slice(0, size) })),
    })),
    answering(allocate, ({ containers }) => {
      const answers = containers.map(({ ids }) => answer(ids))
      allocated!.push(...containers.map(({ ids }) => ids))
      return { containers: answers }
    }),
    answering(preStartContainer, ({ ids }) => {
      started!.push(ids)
      return {}
    }),
  ])
  return {
    allocated: allocated!,
    started: started!,
    tell(now) {
      devices = now
      for (const tell of listeners) tell()
    },
    register: (kubelet, resourceName, endpoint, version = 'v1beta1') =>
      withSocket(kubelet, async (client) => {
        await client.call(register, { version, endpoint, resourceName }, { timeout: 5_000 })
      }),
    stop,
  }
}
