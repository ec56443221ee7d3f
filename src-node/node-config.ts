import { watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { NodeConfig } from '../src-wire/node/node-config.ts'

export type { NodeConfig } from '../src-wire/node/node-config.ts'

const CONFIG_PATH = '/etc/drydock/node.json'

/** Throws what reading and parsing throw. */
export async function readConfig(path = CONFIG_PATH): Promise<NodeConfig> {
  return JSON.parse(await readFile(path, 'utf8')) as NodeConfig
}

/**
 * Calls back once when the file says something else than `config`: the API server has moved, or the network's mode was changed. A file that is being
 * written counts when it is whole.
 */
export function watchConfig(config: NodeConfig, signal: AbortSignal, changed: () => void, path = CONFIG_PATH): void {
  const known = JSON.stringify(config)
  const watcher = watch(dirname(path), { signal }, () => {
    void readWhole(path).then((now) => {
      if (now === undefined || now === known || signal.aborted) return
      watcher.close()
      changed()
    })
  })
}

/** Undefined while it is being written. */
async function readWhole(path: string): Promise<string | undefined> {
  try {
    return JSON.stringify(await readConfig(path))
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
