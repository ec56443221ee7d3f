import { dialSocket } from '../plugins/rpc/client.ts'
import type { Read } from '../plugins/rpc/message.ts'
import {
  allocate,
  type ContainerAnswer,
  getDevicePluginOptions,
  getPreferredAllocation,
  listAndWatch,
  preStartContainer,
} from './messages.ts'
import type { PluginDevice } from './plan/amounts.ts'
import type { OpenChoice } from './plan/choice.ts'

/** A device plugin that serves at its socket. What it is asked throws an Error. */
export interface DevicePlugin {
  /** Its socket. */
  readonly endpoint: string
  /** Tells of all its devices, again whenever one changes; ends, or throws, when it tells no more. */
  watch(heard: (devices: Map<string, PluginDevice>) => void): Promise<void>
  /** Which devices it would rather give; none where it has no preference. */
  preferred(choice: OpenChoice): Promise<string[]>
  /** What a container that is given these devices must have. */
  allocate(ids: readonly string[]): Promise<Read<typeof ContainerAnswer>>
  /** A container that has these devices is about to start: a plugin that wants to know may ready them. */
  preStart(ids: readonly string[]): Promise<void>
  close(): void
}

/** Milliseconds that a plugin may take for each of its answers. */
const CONNECT = 10_000
const ALLOCATE = 120_000
const PRE_START = 30_000

/** Asks who listens there what it can do. Throws an Error when nobody answers as a device plugin. */
export async function connectPlugin(endpoint: string): Promise<DevicePlugin> {
  const client = await dialSocket(endpoint)
  const gone = new AbortController()
  const close = (): void => {
    gone.abort()
    client.close()
  }
  const options = await client.call(getDevicePluginOptions, {}, { timeout: CONNECT }).catch((error: unknown) => {
    close()
    throw new Error(`failed to get device plugin options: ${String((error as Error).message)}`, { cause: error })
  })
  return {
    endpoint,
    close,
    watch: (heard) =>
      client.listen(listAndWatch, {}, ({ devices }) => heard(new Map(devices.map(deviceOf))), gone.signal),
    async preferred({ certain, free, missing }) {
      if (!options.getPreferredAllocationAvailable) return []
      const wish = { available: [...free, ...certain], mustInclude: certain, size: certain.length + missing }
      const request = { containers: [wish] }
      try {
        const { containers } = await client.call(getPreferredAllocation, request, { timeout: ALLOCATE })
        return containers[0]?.ids ?? []
      } catch (error) {
        const words = `device plugin GetPreferredAllocation rpc failed with err: ${(error as Error).message}`
        throw new Error(words, { cause: error })
      }
    },
    async allocate(ids) {
      const { containers } = await client.call(allocate, { containers: [{ ids }] }, { timeout: ALLOCATE })
      if (!containers[0]) throw new Error('no containers return in allocation response')
      return containers[0]
    },
    async preStart(ids) {
      if (!options.preStartRequired) return
      try {
        await client.call(preStartContainer, { ids }, { timeout: PRE_START })
      } catch (error) {
        const words = `device plugin PreStartContainer rpc failed with err: ${(error as Error).message}`
        throw new Error(words, { cause: error })
      }
    },
  }
}

const HEALTHY = 'Healthy'

const deviceOf = ({ id, health, topology }: { id: string; health: string; topology: TopologyRead }) =>
  [id, { healthy: health === HEALTHY, nodes: topology?.nodes.map((node) => node.id) ?? [] }] as const

type TopologyRead = { nodes: Array<{ id: number }> } | undefined
