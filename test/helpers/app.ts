import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { adminTransport } from '../../src-main/cluster/api.ts'
import { adminAccess } from '../../src-main/cluster/kubeconfig.ts'
import type { HttpTransport } from '../../src-wire/http-transport.ts'

const bundle = join(import.meta.dirname, '../../out/cli/drydock.js')

/** The control plane alone, run from its data directory by the bundled command line as a user runs it, in a process group of its own. */
export interface App {
  pid: number
  /** The API as the kubeconfig's administrator. */
  api: HttpTransport
  /** SIGKILL to the whole group; resolves when it is gone. */
  kill(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
}

/** `drydock up --nodes 0`. Rejects with what it printed when it ends before it is up. */
export async function startApp(data: string): Promise<App> {
  const child = spawnApp(data)
  const closed = once(child, 'close') as Promise<[number | null]>
  let words = ''
  child.stderr!.on('data', (chunk: Buffer) => (words += chunk.toString()))
  const up = once(createInterface(child.stdout!), 'line').then(() => true)
  if (!(await Promise.race([up, closed.then(() => false)]))) throw new Error(words)
  const api = adminTransport(adminAccess(readFileSync(join(data, 'kubeconfig'), 'utf8')))
  return {
    pid: child.pid!,
    api,
    async kill() {
      process.kill(-child.pid!, 'SIGKILL')
      await closed
      api.close()
    },
    async stop() {
      api.close()
      child.kill('SIGTERM')
      return (await closed)[0]
    },
  }
}

/** Runs a second app on the directory, which is expected to refuse; its exit code and what it said. */
export async function refusedApp(data: string): Promise<{ code: number | null; words: string }> {
  const child = spawnApp(data)
  let words = ''
  const hear = (chunk: Buffer): void => void (words += chunk.toString())
  child.stdout!.on('data', hear)
  child.stderr!.on('data', hear)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, words }
}

function spawnApp(data: string): ChildProcess {
  const args = ['--disable-warning=ExperimentalWarning', bundle, 'up', '--nodes', '0', '--json', '--data', data]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
}
