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

/** A table of the kernel, which has a list while rules name it. */
const table = () => ({ rules: '', jumps: [] as string[], marks: 0 })
type Name = 'nat' | 'raw'

/** A node of a kernel with the two tables; `lacks` is one that it does not know. */
async function arrange(lacks?: Name) {
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
  const kernel = { nat: table(), raw: table() }
  const told: string[] = []
  keepFailover({
    nodes,
    host: {
      async run(_command, args, { stdin = '' } = {}) {
        if (args[0] === '--noflush') {
          const name = /^\*(nat|raw)/.exec(stdin)![1] as Name
          if (name === lacks) throw new Error(`can't initialize table ${name}`)
          kernel[name].rules = stdin
          return { stdout: '' }
        }
        const [name, action, chain, ...rule] = args.slice(3) as [Name, string, string, ...string[]]
        const { jumps } = kernel[name]
        const jump = [chain, ...rule.slice(action === '-I' ? 1 : 0)].join(' ')
        if (action === '-I') jumps.push(jump)
        else if (!jumps.includes(jump)) throw new Error('no such rule')
        return { stdout: '' }
      },
      async writeFile(path) {
        const found = Object.values(kernel).find(({ rules }) => rules.includes(`--name ${path.split('/').at(-1)} `))
        if (!found) throw new Error('ENOENT')
        found.marks++
      },
    },
    nodeName: 'n1',
    address: '10.96.0.10',
    clock,
    signal,
    log: (message) => told.push(message),
  })
  await advance(clock, 3_000)
  return { clock, kernel, server, told }
}

it('leads to the other nodes, and marks the agent as alive each second', async () => {
  const { kernel, told } = await arrange()
  expect(kernel.nat.rules).toContain('--to-destination 172.28.0.12:53')
  expect(kernel.nat).toMatchObject({ jumps: expect.objectContaining({ length: 4 }), marks: 3 })
  expect(told).toEqual([])
})

it('has the kernel remember of no query that the agent answered it, by which it would find it later', async () => {
  const { kernel } = await arrange()
  expect(kernel.raw.rules.match(/^-A .*$/gm)).toEqual([
    '-A DRYDOCK-DNS -d 10.96.0.10/32 -m recent --name drydock-dns-raw --rcheck --seconds 4 --rdest -j CT --notrack',
    '-A DRYDOCK-DNS -s 10.96.0.10/32 -j CT --notrack',
  ])
  expect(kernel.raw.jumps).toEqual([
    'PREROUTING -d 10.96.0.10/32 -p udp --dport 53 -j DRYDOCK-DNS',
    'OUTPUT -d 10.96.0.10/32 -p udp --dport 53 -j DRYDOCK-DNS',
    'OUTPUT -s 10.96.0.10/32 -p udp --sport 53 -j DRYDOCK-DNS',
  ])
  expect(kernel.raw.marks).toBe(3)
})

it.each(['nat', 'raw'] as const)(
  'writes its %s rules again within a second after somebody flushed them',
  async (name) => {
    const { clock, kernel, told } = await arrange()
    const { rules, jumps, marks } = kernel[name]
    kernel[name] = { ...table(), marks }
    await advance(clock, 1_000)
    expect(kernel[name]).toMatchObject({ rules, jumps })
    await advance(clock, 5_000)
    expect(told).toEqual(['dns: Error: ENOENT'])
    expect(kernel[name].marks).toBe(marks + 5)
  },
)

it('says once that the kernel lacks a table, and leads to the other nodes without it', async () => {
  const { clock, kernel, server, told } = await arrange('raw')
  const addresses = [{ type: 'InternalIP', address: '172.28.0.13' }]
  server.put(refs.nodes, { metadata: { name: 'n3' }, status: { addresses } })
  await advance(clock, 3_000)
  expect(kernel.nat.rules).toContain('--to-destination 172.28.0.13:53')
  expect(kernel.raw).toEqual(table())
  expect(told).toEqual(["dns: rules of the raw table: Error: can't initialize table raw"])
})
