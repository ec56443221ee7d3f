import type Docker from 'dockerode'
import { createServer, type AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checkWish } from './check-wish.ts'
import { UserError } from './user-error.ts'

const GIB = 2 ** 30
const engine = (memory: number) => async () =>
  ({ info: () => Promise.resolve({ DockerRootDir: '/nowhere/docker', MemTotal: memory }) }) as Docker
const surroundings = { taken: ['dev'], engine: engine(8 * GIB) }
const codes = async (...args: Parameters<typeof checkWish>) =>
  (await checkWish(...args)).problems.map(({ field, code }) => [field, code])

describe('checking what somebody wishes', () => {
  it('finds nothing wrong with a good name, and says how many nodes the memory holds', async () => {
    expect(await checkWish({ name: 'lab', nodes: 2 }, surroundings)).toEqual({ problems: [], mostNodes: 32 })
  })

  it('names each field that is wrong, all at once', async () => {
    const wish = { name: 'My Lab', nodes: 51, port: 70_000, snapshot: '/nowhere/a.snapshot' }
    expect(await codes(wish, surroundings)).toEqual([
      ['name', 'nameForm'],
      ['nodes', 'nodesForm'],
      ['port', 'portForm'],
      ['snapshot', 'snapshot'],
    ])
  })

  it('refuses a name and a port that are taken', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    expect(await codes({ name: 'dev', nodes: 0, port }, surroundings)).toEqual([
      ['name', 'nameTaken'],
      ['port', 'portTaken'],
    ])
  })

  it('refuses more nodes than the memory holds, with how many it does', async () => {
    const { problems, mostNodes } = await checkWish({ name: 'lab', nodes: 3 }, { taken: [], engine: engine(GIB / 2) })
    expect([problems, mostNodes]).toEqual([
      [{ field: 'nodes', code: 'memory', facts: { nodes: 3, most: 2, free: '0.5' } }],
      2,
    ])
  })

  it('needs Docker for nodes, and only for them', async () => {
    const away = { taken: [], engine: () => Promise.reject(new UserError('Docker is not running.', 'Start it.')) }
    expect(await checkWish({ name: 'lab', nodes: 1 }, away)).toEqual({
      problems: [{ field: 'nodes', code: 'engine', facts: { detail: 'Docker is not running. Start it.' } }],
    })
    expect(await checkWish({ name: 'lab', nodes: 0 }, away)).toEqual({ problems: [] })
  })
})
