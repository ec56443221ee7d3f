import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hostEnvironment } from '../../../src-main/cluster/detached-host.ts'
import { adminAccess, type AdminAccess } from '../../../src-main/cluster/kubeconfig.ts'

export interface Product {
  child: ChildProcess
  access: AdminAccess
}

/** `drydock up` of a cluster without nodes, with the environment of one that runs by itself (`--detach`); resolves when it says that it is up. */
export async function startProduct(directory: string): Promise<Product> {
  const drydock = new URL('../../../out/cli/drydock.js', import.meta.url).pathname
  const child = spawn(process.execPath, [drydock, 'up', '--nodes', '0', '--name', 'bench', '--data', directory], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...hostEnvironment },
  })
  await new Promise<void>((resolve, reject) => {
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes(' is up ')) resolve()
    })
    child.once('exit', (code) => reject(new Error(`drydock up ended with ${code}: ${said}`)))
  })
  return { child, access: adminAccess(readFileSync(join(directory, 'kubeconfig'), 'utf8')) }
}

export async function stopProduct(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill()
  await gone
}

/** MiB. */
export function residentMemory(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}
