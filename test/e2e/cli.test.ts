import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { command, type CommandResult, drydockWords, kubectlOf } from '../helpers/command.ts'
import { eventually } from '../helpers/eventually.ts'
import { ownFolder, removeLeftovers } from '../helpers/leftovers.ts'

const folder = ownFolder('cli')
/** No engine is there: a control plane alone must not miss it. */
const env = { DOCKER_HOST: `unix://${join(folder, 'nowhere.sock')}`, KUBECONFIG: join(folder, 'user-config') }

const words = (cluster: string, args: string[]): string[] => {
  const where = ['--name', cluster, '--data', join(folder, cluster)]
  return [...drydockWords, ...args, ...where]
}

const drydock = (cluster: string, ...args: string[]): Promise<CommandResult> =>
  command(process.execPath, words(cluster, args), { env })

/** The one JSON document of a verb that must succeed. */
async function json(cluster: string, ...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await drydock(cluster, ...args, '--json')
  if (code !== 0) throw new Error(`exit ${code}: ${stderr}${stdout}`)
  return JSON.parse(stdout) as Record<string, unknown>
}

const kubectl = (file: string, ...args: string[]): Promise<CommandResult> =>
  command(kubectlOf('1.36'), args, { env: { KUBECONFIG: file } })

beforeAll(() => removeLeftovers('cli'))
afterAll(async () => {
  for (const cluster of ['cli-a', 'cli-b', 'cli-c']) await drydock(cluster, 'down', '--delete')
  rmSync(folder, { recursive: true, force: true })
})

describe('the command line on control planes without nodes and without Docker', () => {
  it('starts two clusters side by side, each with its own port, and both answer kubectl', async () => {
    const a = await json('cli-a', 'up', '--nodes', '0', '--detach')
    const b = await json('cli-b', 'up', '--nodes', '0', '--detach')
    expect(a['server']).not.toBe(b['server'])
    for (const cluster of [a, b]) {
      const { code, stdout } = await kubectl(String(cluster['kubeconfig']), 'get', 'ns', 'default', '-o', 'name')
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'namespace/default\n' })
    }
  })

  it('tells their status to people and programs', async () => {
    const { stdout } = await drydock('cli-a', 'status')
    expect(stdout).toMatch(/^Cluster +cli-a\nControl plane +running at https:\/\/127\.0\.0\.1:\d+ \(process \d+\)/)
    expect(stdout).toContain('Nodes          none')
    expect(await json('cli-a', 'status')).toMatchObject({ cluster: 'cli-a', running: true, nodes: [] })
    expect(await json('cli-a', 'version')).toMatchObject({ kubernetes: expect.stringMatching(/^v1\.36/) })
  })

  it('shows a link to the app that works, also after the last one was used', async () => {
    const open = async () =>
      (await fetch(String((await json('cli-a', 'status'))['app']), { redirect: 'manual' })).status
    expect([await open(), await open()]).toEqual([303, 303])
  })

  it('prints the path of a private kubeconfig, and merges it into the own one as often as asked, others kept', async () => {
    const path = (await drydock('cli-a', 'kubeconfig')).stdout.trim()
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const other = { apiVersion: 'v1', kind: 'Config', contexts: [{ name: 'work', context: { cluster: 'work' } }] }
    writeFileSync(env.KUBECONFIG, JSON.stringify(other))
    expect(await json('cli-a', 'kubeconfig', '--merge')).toEqual({ kubeconfig: env.KUBECONFIG })
    const once = readFileSync(env.KUBECONFIG, 'utf8')
    await json('cli-a', 'kubeconfig', '--merge')
    expect(readFileSync(env.KUBECONFIG, 'utf8')).toBe(once)
    expect(statSync(env.KUBECONFIG).mode & 0o777).toBe(0o600)
    expect((await kubectl(env.KUBECONFIG, 'config', 'get-contexts', '-o', 'name')).stdout).toBe('drydock-cli-a\nwork\n')
    expect((await kubectl(env.KUBECONFIG, 'get', 'ns', 'default', '-o', 'name')).code).toBe(0)
  })

  it('refuses a second start and node verbs, each with the remedy', async () => {
    const again = await drydock('cli-a', 'up', '--nodes', '0')
    expect(again.code).toBe(1)
    expect(again.stderr).toMatch(/is running already .*\n.*drydock down/)
    for (const verb of ['add', 'stop']) {
      const { code, stdout } = await drydock('cli-a', 'node', verb, 'n1', '--json')
      expect(code).toBe(1)
      expect(JSON.parse(stdout)).toMatchObject({ error: 'Cluster "cli-a" runs without nodes: none can join.' })
    }
  })

  it('keeps objects and port over down and up, without nodes again though none are asked for', async () => {
    const file = join(folder, 'cli-a', 'kubeconfig')
    expect((await kubectl(file, 'create', 'configmap', 'kept', '--from-literal=a=b')).code).toBe(0)
    const { server } = await json('cli-a', 'status')
    expect(await json('cli-a', 'down')).toEqual({ cluster: 'cli-a', nodes: 'none' })
    expect(await json('cli-a', 'status')).toMatchObject({ running: false })
    expect((await json('cli-a', 'up', '--detach'))['server']).toBe(server)
    expect((await kubectl(file, 'get', 'cm', 'kept', '-o', 'jsonpath={.data.a}')).stdout).toBe('b')
  })

  it('goes on to start a cluster that nobody waits for any more', async () => {
    const waiting = spawn(process.execPath, words('cli-c', ['up', '--nodes', '0', '--detach']), {
      env: { ...process.env, ...env },
      stdio: 'ignore',
    })
    // Before its host has looked whether it is still there.
    await eventually(
      'its host to be started',
      async () => existsSync(join(folder, 'cli-c', 'logs', 'host.log')),
      (started) => started,
    )
    waiting.kill('SIGKILL')
    await once(waiting, 'exit')
    await eventually(
      'the cluster to be up',
      () => json('cli-c', 'status'),
      (status) => status['running'] === true,
      20_000,
    )
    expect((await kubectl(join(folder, 'cli-c', 'kubeconfig'), 'get', 'ns', 'default')).code).toBe(0)
  })

  it('removes everything with down --delete, its context in the own kubeconfig too', async () => {
    expect(await json('cli-a', 'down', '--delete')).toEqual({ cluster: 'cli-a', deleted: true })
    expect(existsSync(join(folder, 'cli-a'))).toBe(false)
    expect((await kubectl(env.KUBECONFIG, 'config', 'get-contexts', '-o', 'name')).stdout).toBe('work\n')
    expect((await kubectl(join(folder, 'cli-b', 'kubeconfig'), 'get', 'ns')).code).toBe(0)
  })
})
