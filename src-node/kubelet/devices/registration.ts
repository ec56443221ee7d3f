import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { PluginHandler } from '../plugins/registry.ts'
import { answering, serveSocket } from '../plugins/rpc/server.ts'
import { register } from './messages.ts'
import { isExtendedResource } from './plan/demands.ts'

const VERSION = 'v1beta1'

/** Who takes device plugins in. */
export interface Plugins {
  /** Throws an Error when the plugin does not answer. */
  connect(resource: string, endpoint: string): Promise<void>
  disconnect(resource: string, endpoint: string): void
}

/** Where device plugins register, and who takes them in. */
export interface RegistrationOptions {
  /** `/var/lib/kubelet/device-plugins`. */
  directory: string
  plugins: Plugins
  log(message: string): void
}

/**
 * Serves the socket at which device plugins register (kubernetes.io, "Device Plugins: Device plugin registration with kubelet"). Whatever sockets an
 * earlier agent left are removed first, by which plugins know that they are to register again.
 */
export async function serveRegistration({ directory, plugins, log }: RegistrationOptions): Promise<{ stop(): void }> {
  await mkdir(directory, { recursive: true })
  for (const entry of await readdir(directory, { withFileTypes: true }))
    if (entry.isSocket()) await rm(join(directory, entry.name), { force: true })
  return serveSocket(join(directory, 'kubelet.sock'), [
    answering(register, ({ version, endpoint, resourceName }) => {
      if (version !== VERSION)
        throw new Error(
          `requested API version ${JSON.stringify(version)} is not supported by kubelet. Supported version is ["${VERSION}"]`,
        )
      if (!isExtendedResource(resourceName))
        throw new Error(`the ResourceName ${JSON.stringify(resourceName)} is invalid`)
      // It is answered first: a plugin may serve only what it is asked for after that.
      plugins.connect(resourceName, join(directory, endpoint)).catch((error: unknown) => {
        log(`device plugin of ${resourceName}: ${error instanceof Error ? error.message : String(error)}`)
      })
      return {}
    }),
  ])
}

/** Takes in device plugins that introduce themselves where all plugins may. */
export const devicePluginHandler = (plugins: Plugins): PluginHandler => ({
  async register({ name, endpoint, versions }) {
    if (!versions.includes(VERSION))
      throw new Error(
        `requested API version [${versions.join(' ')}] is not supported by kubelet. Supported version is ["${VERSION}"]`,
      )
    await plugins.connect(name, endpoint)
  },
  deregister({ name, endpoint }) {
    plugins.disconnect(name, endpoint)
    return Promise.resolve()
  },
})
