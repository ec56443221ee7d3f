import { createServer, type Server } from 'node:net'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { startPluginRegistry } from './registry.ts'
import { fakePlugin, type FakePlugin } from './testing/fake-plugin.ts'

describe('the registration of plugins', () => {
  let directory: string
  let over: AbortController
  let clock: FakeClock
  let done: string[]
  let logs: string[]
  let refusal: string | undefined
  const plugins: FakePlugin[] = []

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'plugins-'))
    over = new AbortController()
    clock = new FakeClock()
    done = []
    logs = []
    refusal = undefined
  })

  afterEach(async () => {
    over.abort()
    for (const plugin of plugins.splice(0)) plugin.stop()
    await rm(directory, { recursive: true })
  })

  const start = () =>
    startPluginRegistry({
      directory,
      handlers: {
        CSIPlugin: {
          async register({ name, endpoint, versions }) {
            if (refusal !== undefined) throw new Error(refusal)
            done.push(`+${name} ${endpoint} ${versions.join()}`)
          },
          async deregister({ name }) {
            done.push(`-${name}`)
          },
        },
      },
      clock,
      signal: over.signal,
      log: (words) => logs.push(words),
    })

  const plugin = async (options: Parameters<typeof fakePlugin>[1]): Promise<FakePlugin> => {
    const made = await fakePlugin(directory, options)
    plugins.push(made)
    return made
  }

  it('takes in what is there at the start, and what comes later', async () => {
    const first = await plugin({ type: 'CSIPlugin', name: 'a', endpoint: '/csi.sock' })
    await start()
    await vi.waitFor(() => expect(first.told).toEqual(['']))
    const second = await plugin({ type: 'CSIPlugin', name: 'b', versions: ['1.0.0', '2.0.0'] })
    await vi.waitFor(() => expect(second.told).toEqual(['']))
    expect(done).toEqual(['+a /csi.sock 1.0.0', `+b ${second.path} 1.0.0,2.0.0`])
  })

  it('lets a plugin go whose socket is gone', async () => {
    const { path, told } = await plugin({ type: 'CSIPlugin', name: 'a' })
    await start()
    await vi.waitFor(() => expect(told).toEqual(['']))
    await rm(path)
    await vi.waitFor(() => expect(done.at(-1)).toBe('-a'))
  })

  it('asks anew whoever made its socket anew', async () => {
    const first = await plugin({ type: 'CSIPlugin', name: 'a', endpoint: '/1' })
    await start()
    await vi.waitFor(() => expect(first.told).toEqual(['']))
    await rm(first.path)
    const second = await plugin({ type: 'CSIPlugin', name: 'a', endpoint: '/2' })
    await vi.waitFor(() => expect(second.told).toEqual(['']))
    expect(done).toEqual(['+a /1 1.0.0', '-a', '+a /2 1.0.0'])
  })

  it('tells a plugin why it is not taken in, and asks again later', async () => {
    refusal = 'no such version'
    const { told } = await plugin({ type: 'CSIPlugin', name: 'a' })
    await start()
    const words = 'RegisterPlugin error -- plugin registration failed with err: no such version'
    await vi.waitFor(() => expect(told).toEqual([words]))
    await vi.waitFor(() => expect(clock.pending).toBe(1))
    await clock.advance(500)
    await vi.waitFor(() => expect(told).toEqual([words, words]))
    refusal = undefined
    await vi.waitFor(() => expect(clock.pending).toBe(1))
    await clock.advance(1000)
    await vi.waitFor(() => expect(told).toEqual([words, words, '']))
  })

  it('tells plugins of a kind that nobody works with', async () => {
    const { told, path } = await plugin({ type: 'toString', name: 'x' })
    await start()
    await vi.waitFor(() => expect(told[0]).toMatch(`no handler registered for plugin type: toString at socket ${path}`))
    expect(logs[0]).toMatch('no handler registered')
  })

  it('looks at sockets alone, and survives one that speaks no gRPC', async () => {
    await writeFile(join(directory, 'file'), '')
    const mute: Server = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => mute.listen(join(directory, 'mute.sock'), resolve))
    const { told } = await plugin({ type: 'CSIPlugin', name: 'a' })
    await start()
    await vi.waitFor(() => expect(told).toEqual(['']))
    await vi.waitFor(() => expect(logs.join()).toMatch(`plugin at ${join(directory, 'mute.sock')}: rpc error`))
    mute.close()
  })
})
