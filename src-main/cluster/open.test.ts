import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { DataDirectory } from './data-directory.ts'
import { formatKubeconfig, kubeconfigFor } from './kubeconfig.ts'
import { openCluster } from './open.ts'

let data: string
let host: ChildProcess
const SERVER = 'https://127.0.0.1:6443'

/** A process that runs until it is told to end, on record as the host of a cluster without nodes. */
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'drydock-open-'))
  host = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const directory = new DataDirectory('dev', data)
  directory.claim({ version: 1, name: 'dev', alone: true })
  directory.writePrivate(
    'kubeconfig',
    formatKubeconfig(kubeconfigFor('dev', { server: SERVER, ca: 'a', cert: 'b', key: 'c' })),
  )
  directory.saveHost({ pid: host.pid!, server: SERVER, alone: true })
})
afterEach(() => {
  host.kill('SIGKILL')
  rmSync(data, { recursive: true, force: true })
})

describe('opening a cluster that another process hosts', () => {
  it('attaches to it instead of refusing', async () => {
    const cluster = await openCluster({ name: 'dev', data })
    expect(cluster).toMatchObject({
      attached: true,
      name: 'dev',
      server: SERVER,
      access: { ca: 'a', cert: 'b', key: 'c' },
    })
    expect([cluster.nodes, cluster.provider]).toEqual([undefined, undefined])
    expect(host.exitCode).toBeNull()
  })

  it('ends that process when the cluster is stopped, and waits for it', async () => {
    const ended = once(host, 'exit')
    const cluster = await openCluster({ name: 'dev', data })
    await cluster.stop()
    expect(new DataDirectory('dev', data).host()).toBeUndefined()
    expect((await ended)[1]).toBe('SIGTERM')
  })

  it('tells when that process has ended by itself', async () => {
    const clock = new FakeClock()
    const cluster = await openCluster({ name: 'dev', data, clock })
    let told = false
    const failed = cluster.failed.catch((error: Error) => ((told = true), error.message))
    await clock.advance(2000)
    expect(told).toBe(false)
    host.kill('SIGKILL')
    await once(host, 'exit')
    await clock.advance(2000)
    expect(await failed).toMatch(/has ended/)
    expect(clock.pending).toBe(0)
  })
})
