import { join } from 'node:path'
import { getInfo, notifyRegistrationStatus } from '../registration.ts'
import { answering, serveSocket } from '../rpc/server.ts'

/** What a plugin in a test tells of itself. */
export interface FakePluginOptions {
  type: string
  name: string
  endpoint?: string
  versions?: string[]
}

/** A plugin that introduces itself in a directory, and keeps what it was told there. */
export interface FakePlugin {
  /** The socket at which it introduces itself. */
  path: string
  /** What the kubelet said of its registration: nothing when it went well. */
  told: string[]
  stop(): void
}

/** Serves the registration of a plugin below `directory`. */
export async function fakePlugin(
  directory: string,
  { type, name, endpoint = '', versions = ['1.0.0'] }: FakePluginOptions,
): Promise<FakePlugin> {
  const path = join(directory, `${name.replace('/', '-')}-reg.sock`)
  const told: string[] = []
  const server = await serveSocket(path, [
    answering(getInfo, () => ({ type, name, endpoint, supportedVersions: versions })),
    answering(notifyRegistrationStatus, ({ pluginRegistered, error }) => {
      told.push(pluginRegistered ? '' : error)
      return {}
    }),
  ])
  return { path, told, stop: server.stop }
}
