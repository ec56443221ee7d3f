import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's folder, from the sources or the bundle: both lie two levels below it. */
const project = join(dirname(fileURLToPath(import.meta.url)), '../..')
const firstExisting = (...paths: string[]): string => paths.find((path) => existsSync(path)) ?? paths[0]!
/** Set by Electron in a packaged app. */
const packaged = (process as { resourcesPath?: string }).resourcesPath ?? project
/** Folders that the nodes and the image recipe come from; a packaged app carries them as resources. */
export const resources = {
  agent: process.env['DRYDOCK_AGENT'] ?? firstExisting(join(project, 'out/agent'), join(packaged, 'agent')),
  node: firstExisting(join(project, 'resources/node'), join(packaged, 'node')),
}
