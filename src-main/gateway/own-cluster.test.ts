import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { OpenCluster } from '../cluster/open.ts'
import { up } from '../cluster/up.ts'
import { OwnCluster } from './own-cluster.ts'

/** A cluster without nodes, hosted here or by another process. */
function setup(attached: boolean) {
  const calls: string[] = []
  let fail = (_error: Error): void => undefined
  const failed = new Promise<never>((_, reject) => (fail = reject))
  failed.catch(() => undefined)
  const running = {
    attached,
    name: 'dev',
    server: 'https://127.0.0.1:6443',
    access: { server: '', ca: '', cert: '', key: '' },
    failed,
    stop: async () => void calls.push('stop'),
  } as OpenCluster
  const states: string[] = []
  const own = new OwnCluster(running, { name: 'dev' })
  own.subscribe(() => states.push(own.list()[0]!.state))
  return { own, calls, states, failed, fail: () => fail(new Error('gone')) }
}

const context = { progress: () => undefined, signal: new AbortController().signal }

describe('the own cluster', () => {
  it('is ended with the process that hosts it, and runs on when another does', async () => {
    const [hosted, attached] = [setup(false), setup(true)]
    await hosted.own.leave()
    await attached.own.leave()
    expect([hosted.calls, attached.calls]).toEqual([['stop'], []])
  })

  it('is stopped on request, whoever hosts it', async () => {
    const { own, calls, states } = setup(true)
    await own.actions('dev')!['cluster.stop']({}, context)
    expect([calls, new Set(states), states.at(-1)]).toEqual([['stop'], new Set(['stopping', 'stopped']), 'stopped'])
    expect(() => own.connection('dev')).toThrow('stopped')
  })

  it('says that it is a control plane alone, as long as it runs', async () => {
    const { own } = setup(false)
    expect(own.list()[0]).toMatchObject({ state: 'running', alone: true })
    await own.halt()
    expect(own.list()[0]).not.toHaveProperty('alone')
  })

  it('shows as stopped when the process it was attached to has ended', async () => {
    const { own, states, failed, fail } = setup(true)
    fail()
    await failed.catch(() => undefined)
    expect([states, own.list()[0]!.state]).toEqual([['stopped'], 'stopped'])
  })

  it('is saved as a file where this user finds downloads, another one each time', async () => {
    const home = mkdtempSync(join(tmpdir(), 'drydock-home-'))
    onTestFinished(() => rmSync(home, { recursive: true, force: true }))
    for (const name of ['HOME', 'USERPROFILE']) vi.stubEnv(name, home)
    onTestFinished(() => void vi.unstubAllEnvs())
    const running = await up({ name: 'dev', nodes: 0, data: join(home, 'data') })
    const own = new OwnCluster(running, { name: 'dev', data: join(home, 'data') })
    const save = own.actions('dev')!['cluster.snapshot']
    const first = await save({}, context)
    mkdirSync(join(home, 'Downloads'))
    const second = await save({}, context)
    // The same of a cluster that is stopped.
    await own.halt()
    const third = await save({}, context)
    expect(first.path).toMatch(/^.*drydock-home-\w+[\\/]dev-\d{4}-\d\d-\d\d-\d{6}\.snapshot$/)
    expect(second.path).toMatch(/[\\/]Downloads[\\/]dev-/)
    expect(new Set([second.path, third.path]).size).toBe(2)
    for (const { path } of [first, second, third]) expect(existsSync(path)).toBe(true)
  })
})
