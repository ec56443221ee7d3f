/** What a run of tests that was cut off left goes with the next one. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { command, drydock } from '../helpers/command.ts'
import { hasEtcd, RealEtcd } from '../helpers/etcd.ts'
import { clusterName, isAlive, labelled, ownFolder, removeLeftovers } from '../helpers/leftovers.ts'
import { Namespaces, run } from '../helpers/namespaces.ts'

/** A process that has ended. */
let dead: number
beforeAll(async () => {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  dead = child.pid!
})
afterAll(() => removeLeftovers('leftovers'))

const idle = () => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])

/** A folder as a run leaves it that was cut off. */
function cutOffFolder(): string {
  const folder = ownFolder('leftovers')
  writeFileSync(join(folder, 'run.pid'), String(dead))
  return folder
}

it('ends the host of its cluster and removes its folder', async () => {
  const folder = cutOffFolder()
  const data = join(folder, 'cluster')
  const { code, stderr } = await drydock(['up', '--nodes', '0', '--detach', '--name', 'left', '--data', data])
  expect({ code, stderr }).toMatchObject({ code: 0 })
  const { pid } = JSON.parse(readFileSync(join(data, 'host.json'), 'utf8')) as { pid: number }
  await removeLeftovers('leftovers')
  expect([isAlive(pid), existsSync(folder)]).toEqual([false, false])
})

it.runIf(hasEtcd)('ends an etcd that it started', async () => {
  const etcd = await RealEtcd.start('leftovers')
  const { pid } = JSON.parse(readFileSync(join(etcd.directory, 'etcd.json'), 'utf8')) as { pid: number }
  writeFileSync(join(etcd.directory, 'run.pid'), String(dead))
  await removeLeftovers('leftovers')
  expect([isAlive(pid), existsSync(etcd.directory)]).toEqual([false, false])
})

it('leaves a process alone that got the number of a host since', async () => {
  const other = idle()
  writeFileSync(join(cutOffFolder(), 'host.json'), JSON.stringify({ pid: other.pid }))
  await removeLeftovers('leftovers')
  other.kill('SIGTERM')
  expect(await once(other, 'exit')).toEqual([null, 'SIGTERM'])
})

it('does not begin beside a run that goes on', async () => {
  const other = idle()
  const folder = ownFolder('leftovers')
  writeFileSync(join(folder, 'run.pid'), String(other.pid))
  await expect(removeLeftovers('leftovers')).rejects.toThrow(`The process ${other.pid} runs the tests "leftovers"`)
  expect(existsSync(folder)).toBe(true)
  other.kill()
  await once(other, 'exit')
})

const noDocker = spawnSync('docker', ['version']).status !== 0
it.skipIf(noDocker)('removes from Docker what has the label of its cluster, and nothing else', async () => {
  const ours = ['--label', `dev.drydock.cluster=${clusterName('leftovers')}`]
  const others = ['--label', 'dev.drydock.cluster=leftovers']
  const list = async () => {
    const { stdout } = await command('docker', ['volume', 'ls', '-q', '--filter', 'name=drydock-left-'])
    return stdout.split('\n').filter(Boolean)
  }
  await command('docker', ['volume', 'create', ...ours, 'drydock-left-ours'])
  await command('docker', ['volume', 'create', ...others, 'drydock-left-others'])
  await command('docker', ['network', 'create', ...ours, 'drydock-left-ours'])
  expect(await list()).toEqual(['drydock-left-others', 'drydock-left-ours'])
  const network = expect.stringMatching(/^network \w+$/) as string
  expect(await labelled(clusterName('leftovers'))).toEqual(['volume drydock-left-ours', network])
  await removeLeftovers('leftovers')
  expect(await list()).toEqual(['drydock-left-others'])
  const networks = await command('docker', ['network', 'ls', '-q', '--filter', 'name=drydock-left-ours'])
  expect(networks.stdout).toBe('')
  expect(await labelled(clusterName('leftovers'))).toEqual([])
  await command('docker', ['volume', 'rm', 'drydock-left-others'])
})

const noNamespaces = process.platform !== 'linux' || process.getuid?.() !== 0
it.skipIf(noNamespaces)('removes its namespaces with what runs in them', async () => {
  await run('ip', 'netns', 'add', `lo${dead}-node`)
  const inside = spawn('ip', ['netns', 'exec', `lo${dead}-node`, 'sleep', '1000'])
  const gone = once(inside, 'exit')
  const spaces = new Namespaces('lo')
  await spaces.add('node')
  await gone
  expect(await run('ip', 'netns', 'list')).not.toContain(`lo${dead}-node`)
  await spaces.removeAll()
})
