import { watch } from 'node:fs'
import { lstat, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock, Timer } from '../../../src-kube/machinery/clock.ts'
import { unlessMissing } from '../../host/unless-missing.ts'
import { planPlugins, type Stamp } from './plan.ts'
import { getInfo, notifyRegistrationStatus, type PluginInfo } from './registration.ts'
import { type RpcClient, withSocket } from './rpc/client.ts'
import type { Read } from './rpc/message.ts'

/** The kinds of plugins that introduce themselves at a socket. */
export type PluginType = 'CSIPlugin' | 'DRAPlugin' | 'DevicePlugin'

/** A plugin that told who it is. */
export interface Plugin {
  name: string
  /** The socket at which it serves what it is there for. */
  endpoint: string
  versions: readonly string[]
}

/** Who works with plugins of one kind. */
export interface PluginHandler {
  /** Takes the plugin in, also in place of one of the same name. What it throws is told the plugin, and tried again later. */
  register(plugin: Plugin): Promise<void>
  /** The plugin's socket has gone; another of the same name may have been taken in since, which is another `endpoint` or not. */
  deregister(plugin: Plugin): Promise<void>
}

/** Where plugins introduce themselves, and who works with which. */
export interface PluginRegistryOptions {
  /** `/var/lib/kubelet/plugins_registry`; made when it is missing. */
  directory: string
  handlers: Partial<Record<PluginType, PluginHandler>>
  clock: Clock
  signal: AbortSignal
  log(message: string): void
}

/** Milliseconds that an introduction may take. */
const CALL = 10_000
/** Milliseconds until one that failed is tried again: at first, doubled up to the second. */
const FIRST_PAUSE = 500
const LONGEST_PAUSE = 122_000

/**
 * Watches the directory in which plugins make their sockets and takes in whoever introduces itself there (kubernetes.io, "Kubelet plugin
 * registration"): what is there at the start, what comes later, and anew when a socket is made anew. A plugin whose socket goes is let go. Resolves when
 * those that were there at the start have been asked once.
 */
export async function startPluginRegistry(options: PluginRegistryOptions): Promise<void> {
  const { directory, signal, log } = options
  await mkdir(directory, { recursive: true })
  if (signal.aborted) return
  const registry = new Registry(options)
  const failed = (error: unknown): void => log(`plugins: ${String(error)}`)
  const watcher = watch(directory, { signal }, () => void registry.look().catch(failed))
  watcher.on('error', failed)
  signal.addEventListener('abort', () => registry.stop(), { once: true })
  await registry.look()
  await registry.introduced()
}

/** One socket: its work is done in order, so that a plugin is never let go after its successor was taken in. */
interface Socket {
  stamp: Stamp
  plugin?: { handler: PluginHandler; plugin: Plugin } | undefined
  retry?: Timer | undefined
  pause: number
}

class Registry {
  readonly #options: PluginRegistryOptions
  readonly #sockets = new Map<string, Socket>()
  #work: Promise<void> = Promise.resolve()
  readonly #asking = new Set<Promise<void>>()
  #isStopped = false

  constructor(options: PluginRegistryOptions) {
    this.#options = options
  }

  stop(): void {
    this.#isStopped = true
    for (const { retry } of this.#sockets.values()) retry?.cancel()
  }

  /** All that are being asked who they are have answered, or not. */
  async introduced(): Promise<void> {
    await Promise.all(this.#asking)
  }

  /** Brings what is known in line with the directory; looks follow each other. */
  look(): Promise<void> {
    const look = this.#work.then(() => this.#look())
    this.#work = look.catch(() => undefined)
    return look
  }

  async #look(): Promise<void> {
    if (this.#isStopped) return
    const found = await socketsIn(this.#options.directory)
    const known = new Map([...this.#sockets].map(([path, { stamp }]) => [path, stamp]))
    const { gone, fresh } = planPlugins(known, found)
    for (const path of gone) await this.#forget(path)
    for (const path of fresh) {
      const socket: Socket = { stamp: found.get(path)!, pause: FIRST_PAUSE }
      this.#sockets.set(path, socket)
      const asking = this.#introduce(path, socket).finally(() => this.#asking.delete(asking))
      this.#asking.add(asking)
    }
  }

  async #forget(path: string): Promise<void> {
    const socket = this.#sockets.get(path)
    this.#sockets.delete(path)
    socket?.retry?.cancel()
    if (!socket?.plugin) return
    const { handler, plugin } = socket.plugin
    socket.plugin = undefined
    try {
      await handler.deregister(plugin)
    } catch (error) {
      this.#options.log(`plugin ${plugin.name}: ${String(error)}`)
    }
  }

  /** Asks who is there, and again later while that fails. */
  async #introduce(path: string, socket: Socket): Promise<void> {
    try {
      await withSocket(path, (client) => this.#register(path, socket, client))
    } catch (error) {
      this.#options.log(`plugin at ${path}: ${error instanceof Error ? error.message : String(error)}`)
      if (this.#isStopped || this.#sockets.get(path) !== socket) return
      const { pause } = socket
      socket.pause = Math.min(LONGEST_PAUSE, pause * 2)
      socket.retry = this.#options.clock.after(pause, () => void this.#introduce(path, socket))
    }
  }

  async #register(path: string, socket: Socket, client: RpcClient): Promise<void> {
    const info = await client.call(getInfo, {}, { timeout: CALL })
    const plugin = { name: info.name, endpoint: info.endpoint || path, versions: info.supportedVersions }
    try {
      const handler = this.#handlerOf(info, path)
      await handler.register(plugin)
      if (this.#sockets.get(path) === socket) socket.plugin = { handler, plugin }
      else await handler.deregister(plugin)
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      const refusal = `RegisterPlugin error -- plugin registration failed with err: ${words}`
      await client.call(notifyRegistrationStatus, { error: refusal }, { timeout: CALL })
      throw error
    }
    await client.call(notifyRegistrationStatus, { pluginRegistered: true }, { timeout: CALL })
  }

  #handlerOf({ type }: Read<typeof PluginInfo>, path: string): PluginHandler {
    const { handlers } = this.#options
    const handler = Object.hasOwn(handlers, type) ? handlers[type as PluginType] : undefined
    if (!handler) throw new Error(`no handler registered for plugin type: ${type} at socket ${path}`)
    return handler
  }
}

/** The sockets of a directory by path; hidden ones are still being made. */
async function socketsIn(directory: string): Promise<Map<string, Stamp>> {
  const names = ((await unlessMissing(readdir(directory))) ?? []).filter((name) => !name.startsWith('.'))
  const found = new Map<string, Stamp>()
  for (const name of names) {
    const path = join(directory, name)
    const stat = await unlessMissing(lstat(path, { bigint: true }))
    if (stat?.isSocket()) found.set(path, `${stat.ino}/${stat.mtimeNs}`)
  }
  return found
}
