import type Docker from 'dockerode'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { clusterNames, DataDirectory } from '../cluster/data-directory.ts'
import type { DetachedOptions } from '../cluster/detached-host.ts'
import type { OpenCluster } from '../cluster/open.ts'
import { UserError } from '../cluster/user-error.ts'
import { MachineClusters } from './machine-clusters.ts'
import { TaskBoard } from './tasks.ts'

let folder: string
let clock: FakeClock
/** Ends the host of a cluster, as it goes when another process ends it. */
let hosts: Map<string, (error: Error) => void>
let starts: string[]
let hosting: (options: DetachedOptions) => Promise<unknown>
let machine: MachineClusters

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drydock-machine-'))
  vi.stubEnv('XDG_DATA_HOME', folder)
  vi.stubEnv('KUBECONFIG', join(folder, 'user-config'))
  clock = new FakeClock()
  hosts = new Map()
  starts = []
  hosting = async () => {}
  machine = new MachineClusters(options())
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

const options = () => ({
  program: { command: '', args: [] },
  tasks: new TaskBoard(clock),
  clock,
  attach,
  startHost,
})

async function startHost(options: DetachedOptions): Promise<void> {
  const { name, nodes, directory, plan, progress, log } = options
  starts.push(`${name} ${nodes ?? '-'}`)
  plan?.(['Control plane'])
  progress?.({ title: 'Control plane', state: 'running', elapsed: 0 })
  log?.(`${name} listens`)
  const isNew = directory.claim({ version: 1, name, alone: true })
  try {
    await hosting(options)
  } catch (error) {
    if (isNew) directory.delete()
    throw error
  }
  directory.saveHost({ pid: process.pid, server: `https://127.0.0.1/${name}`, alone: true })
}

async function attach(name: string): Promise<OpenCluster> {
  const directory = new DataDirectory(name)
  const failed = new Promise<never>((_, reject) => hosts.set(name, reject))
  failed.catch(() => undefined)
  const [access, api] = [{ server: '', ca: '', cert: '', key: '' }, { close: () => undefined }]
  const { server } = directory.host()!
  const stop = async (): Promise<void> => directory.clearHost()
  return { attached: true, name, directory, server, access, api, failed, stop } as OpenCluster
}

const context = { progress: () => undefined, signal: new AbortController().signal }
const states = () => machine.list().map(({ name, state }) => `${name} ${state}`)
const wish = (name: string) => ({ name, nodes: 0 })
/** A window that is open. */
const open = () => machine.subscribe(() => undefined)
const made = (name: string) => machine.machine['cluster.create'](wish(name), context)
const act = (name: string) => machine.actions(name)!

describe('the clusters of a machine', () => {
  it('are made side by side, each by a host of its own, with steps that every window sees', async () => {
    const end = open()
    const held = Promise.withResolvers<void>()
    hosting = () => held.promise
    const lab = made('lab')
    await vi.waitFor(() => expect(states()).toEqual(['lab starting']))
    await vi.waitFor(() =>
      expect(machine.tasks.list()).toMatchObject([
        { cluster: 'lab', verb: 'create', steps: [{ title: 'Control plane', state: 'running', log: ['lab listens'] }] },
      ]),
    )
    expect(() => machine.connection('lab')).toThrow('Cluster lab is starting.')
    held.resolve()
    expect(await lab).toEqual({ id: 'lab' })
    await made('dev')
    expect([states(), starts, machine.tasks.list()]).toEqual([['dev running', 'lab running'], ['lab 0', 'dev 0'], []])
    expect(machine.connection('dev')?.server).toBe('https://127.0.0.1/dev')
    const server = 'https://127.0.0.1/dev'
    const own = [{ server, clientCertificate: 'C' }, { server }, { server: 'https://c', clientCertificate: 'C' }]
    expect(own.map((connection) => machine.isOwn(connection))).toEqual([true, false, false])
    end()
  })

  it('leave nothing behind when one cannot be made, or is cancelled', async () => {
    const end = open()
    hosting = () => Promise.reject(new UserError('Docker is not running.', 'Start it.'))
    await expect(made('lab')).rejects.toThrow('Docker is not running.')
    expect([states(), clusterNames()]).toEqual([[], []])
    expect(machine.tasks.list()).toMatchObject([{ state: 'failed', remedy: 'Start it.' }])
    hosting = ({ signal }) =>
      new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)))
    const second = made('lab')
    await vi.waitFor(() => expect(clusterNames()).toEqual(['lab']))
    await machine.machine['task.cancel']({ id: machine.tasks.of('lab')!.id }, context)
    await expect(second).rejects.toThrow('Cancelled')
    expect([states(), clusterNames(), machine.tasks.list()]).toEqual([[], [], []])
    end()
  })

  it('are refused before anything is made when something is in the way', async () => {
    const end = open()
    await made('lab')
    await expect(made('lab')).rejects.toThrow('cannot be made like this')
    const { problems } = await machine.machine['cluster.check'](wish('lab'), context)
    expect(problems).toEqual([{ field: 'name', code: 'nameTaken', facts: { name: 'lab' } }])
    end()
  })

  it('follow what other processes do, while a window is open', async () => {
    const end = open()
    new DataDirectory('lab').claim({ version: 1, name: 'lab', alone: true })
    expect(states()).toEqual([])
    await clock.advance(2000)
    expect(states()).toEqual(['lab stopped'])
    new DataDirectory('lab').saveHost({ pid: process.pid, server: 'https://127.0.0.1/lab', alone: true })
    await clock.advance(2000)
    await vi.waitFor(() => expect(states()).toEqual(['lab running']))
    new DataDirectory('lab').clearHost()
    hosts.get('lab')!(new Error('gone'))
    await vi.waitFor(() => expect(states()).toEqual(['lab stopped']))
    new DataDirectory('lab').delete()
    await clock.advance(2000)
    expect(states()).toEqual([])
    end()
    expect(clock.pending).toBe(0)
  })

  it('stop, start and reset, and are gone when deleted', async () => {
    const end = open()
    await made('lab')
    await act('lab')['cluster.stop']({}, context)
    expect(states()).toEqual(['lab stopped'])
    await act('lab')['cluster.start']({}, context)
    expect(states()).toEqual(['lab running'])
    new DataDirectory('lab').writePrivate('store.db', 'objects')
    await act('lab')['cluster.reset']({}, context)
    expect([states(), starts]).toEqual([['lab running'], ['lab 0', 'lab -', 'lab -']])
    await act('lab')['cluster.delete']({}, context)
    expect([states(), clusterNames(), machine.actions('lab')]).toEqual([[], [], undefined])
    end()
  })

  it('run on as they were when a snapshot cannot be restored', async () => {
    const end = open()
    await made('lab')
    await expect(act('lab')['cluster.restore']({ file: join(folder, 'none') }, context)).rejects.toThrow(
      'Cannot read the snapshot',
    )
    expect([states(), starts]).toEqual([['lab running'], ['lab 0']])
    expect(machine.tasks.list()).toMatchObject([{ verb: 'restore', state: 'failed' }])
    end()
  })

  it('start with the app when they are stopped', async () => {
    const end = open()
    await machine.startUsual('lab', { create: false })
    expect(starts).toEqual([])
    new DataDirectory('lab').claim({ version: 1, name: 'lab', alone: true })
    await machine.startUsual('lab', { create: true })
    expect([states(), starts]).toEqual([['lab running'], ['lab -']])
    await machine.startUsual('dev', { create: true })
    expect(states()).toEqual(['lab running'])
    end()
  })

  it('begin with one that is made with the app, where that is wanted', async () => {
    const engine = async () => ({ info: async () => ({}) }) as Docker
    machine = new MachineClusters({ ...options(), surroundings: { engine } })
    const end = open()
    await machine.startUsual('lab', { create: true })
    expect([states(), starts]).toEqual([['lab running'], ['lab -']])
    end()
  })
})
