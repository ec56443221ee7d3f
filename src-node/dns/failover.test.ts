import { afterEach, expect, it } from 'vitest'
import { informerFactory } from '../../src-kube/client/informer-factory.ts'
import { refs } from '../../src-kube/client/refs.ts'
import { advance } from '../../src-kube/client/testing/advance.ts'
import { FakeTransport } from '../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { keepFailover } from './failover.ts'

let stop = new AbortController()
afterEach(() => {
  stop.abort()
  stop = new AbortController()
})

/** A node whose kernel has the list while rules name it. */
async function arrange() {
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const { signal } = stop
  const client = createClient(server)
  const nodes = informerFactory({ client, clock, signal, onError: () => undefined }).informer(refs.nodes)
  for (const [name, address] of [
    ['n1', '172.28.0.11'],
    ['n2', '172.28.0.12'],
  ])
    server.put(refs.nodes, { metadata: { name }, status: { addresses: [{ type: 'InternalIP', address }] } })
  await nodes.synced
  const kernel = { rules: '', jumps: 0, marks: 0 }
  const told: string[] = []
  keepFailover({
    nodes,
    host: {
      run(_command, args, { stdin = '' } = {}) {
        if (args[0] === '--noflush') kernel.rules = stdin
        if (args.includes('-C') && kernel.jumps < 4) return Promise.reject(new Error('no such rule'))
        if (args.includes('-I')) kernel.jumps++
        return Promise.resolve({ stdout: '' })
      },
      writeFile() {
        if (kernel.rules === '') return Promise.reject(new Error('ENOENT'))
        kernel.marks++
        return Promise.resolve()
      },
    },
    nodeName: 'n1',
    address: '10.96.0.10',
    clock,
    signal,
    log: (message) => told.push(message),
  })
  await advance(clock, 3_000)
  return { clock, kernel, told }
}

it('leads to the other nodes, and marks the agent as alive each second', async () => {
  const { kernel, told } = await arrange()
  expect(kernel.rules).toContain('--to-destination 172.28.0.12:53')
  expect(kernel).toMatchObject({ jumps: 4, marks: 3 })
  expect(told).toEqual([])
})

it('writes its rules again within a second after somebody flushed them', async () => {
  const { clock, kernel, told } = await arrange()
  const { rules, marks } = kernel
  Object.assign(kernel, { rules: '', jumps: 0 })
  await advance(clock, 1_000)
  expect(kernel).toMatchObject({ rules, jumps: 4 })
  await advance(clock, 5_000)
  expect(told).toEqual(['dns: Error: ENOENT'])
  expect(kernel.marks).toBe(marks + 5)
})
