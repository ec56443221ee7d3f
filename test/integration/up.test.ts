// Not beside up.ts: with measured coverage, as unit tests have it, the process of these tests ended twice with SIGSEGV in whole runs in a clean clone.
// Why is not known; runs of this file alone went through.
import Docker from 'dockerode'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DataDirectory } from '../../src-main/cluster/data-directory.ts'
import type { NetworkWish } from '../../src-main/cluster/network-modes.ts'
import { FakeEngine } from '../../src-main/cluster/testing/fake-engine.ts'
import type { StepProgress } from '../../src-main/cluster/steps/recipe.ts'
import { up, upTitles, type RunningCluster } from '../../src-main/cluster/up.ts'

let folder: string
let engine: FakeEngine
let running: RunningCluster | undefined
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drydock-up-'))
  engine = new FakeEngine()
  await engine.listen()
})
afterEach(async () => {
  await running?.stop()
  running = undefined
  engine.close()
  rmSync(folder, { recursive: true, force: true })
})

const data = (): string => join(folder, 'c')
const docker = (): Docker => new Docker({ socketPath: engine.socket })
const dies = { name: 'drydock-t-n2', words: 'no space left on device\nsupervisor: dockerd ended\n' }

describe('up', () => {
  it('undoes everything of a new cluster when a node dies while it is being made, and says which and why', async () => {
    engine.dying = dies
    const steps: StepProgress[] = []
    const planned: string[] = []
    const details: string[] = []
    const told = {
      detail: (line: string) => details.push(line),
      progress: (step: StepProgress) => steps.push(step),
      plan: (titles: string[]) => planned.push(...titles),
    }
    const made = up({ name: 't', nodes: 2, data: data(), docker: docker(), ...told })
    await expect(made).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining(
        'Node n2 died while it was starting; the last it said: no space left on device | supervisor: dockerd ended.',
      ),
      remedy: expect.stringContaining('then repeat'),
    })
    expect(planned).toEqual(upTitles({ alone: false }))
    expect(details).toEqual(
      expect.arrayContaining(['nodes that are there: none; to be made: 2', 'n1 is made', 'n2 is made']),
    )
    expect(steps.at(-1)).toMatchObject({ title: 'Nodes Ready', state: 'failed' })
    expect([[...engine.containers.keys()], [...engine.volumes], [...engine.networks.keys()]]).toEqual([[], [], []])
    expect(existsSync(data())).toBe(false)
  })

  it('remembers how the network is to work until it is asked for something else', async () => {
    const kept = () => new DataDirectory('t', data()).settings('t').network
    const again = async (network?: NetworkWish) => {
      await running?.stop()
      running = await up({ name: 't', nodes: 0, data: data(), network })
      return kept()
    }
    const nftables = { proxyMode: 'nftables', ipvsScheduler: 'rr', flannelBackend: 'host-gw' }
    expect(await again({ proxyMode: 'nftables', flannelBackend: 'host-gw' })).toEqual(nftables)
    expect(await again()).toEqual(nftables)
    expect(await again({ proxyMode: 'iptables' })).toEqual({ ...nftables, proxyMode: 'iptables' })
    await running?.stop()
    running = undefined
    await expect(up({ name: 't', data: data(), network: { proxyMode: 'kernel' } })).rejects.toThrow(
      'takes iptables, nftables, ipvs or userspace',
    )
    expect(kept()).toEqual({ ...nftables, proxyMode: 'iptables' })
  })

  it('takes away only the new node of a cluster that was there before, and freezes again what it woke', async () => {
    const planned: string[] = []
    running = await up({ name: 't', nodes: 0, data: data(), plan: (titles) => planned.push(...titles) })
    expect(planned).toEqual(upTitles({ alone: true }))
    await running.stop()
    running = undefined
    engine.dying = dies
    // A node that was made earlier, and that this start leaves as it is.
    const Labels = { 'dev.drydock.cluster': 't', 'dev.drydock.purpose': 'node', 'dev.drydock.node': 'n1' }
    engine.containers.set('drydock-t-n1', { Labels })
    engine.paused.add('drydock-t-n1')
    await expect(up({ name: 't', nodes: 2, data: data(), docker: docker() })).rejects.toThrow(/^Node n2 died/)
    expect([...engine.containers.keys()]).toEqual(['drydock-t-n1'])
    expect([...engine.paused]).toEqual(['drydock-t-n1'])
    expect([...engine.networks.keys()]).toEqual(['drydock-t'])
    expect([...engine.volumes].filter((name) => name.includes('n2'))).toEqual([])
    expect(readdirSync(data())).toEqual(expect.arrayContaining(['cluster.json', 'store']))
    expect(new DataDirectory('t', data()).host()).toBeUndefined()
    running = await up({ name: 't', nodes: 0, data: data() })
    expect(running.nodes).toBeUndefined()
  })
})
