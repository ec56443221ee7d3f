import type Docker from 'dockerode'
import { Readable } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { HttpTransport } from '../../src-wire/http-transport.ts'
import { loadImages, NodeOperations, type SharedNodeConfig } from './node-operations.ts'
import { FakeApi, leaseOf, nodeOf } from './testing/fake-api.ts'
import { FakeProvider } from './testing/fake-provider.ts'
import { UserError } from './user-error.ts'

const later = new Date(Date.now() + 3_600_000).toISOString()
const earlier = new Date(Date.now() - 3_600_000).toISOString()

async function cluster(objects: ConstructorParameters<typeof FakeApi>[0], checkRoom?: () => Promise<void>) {
  const api = new FakeApi(objects)
  const provider = new FakeProvider()
  await provider.create({ name: 'n1', config: partial({}) })
  const operations = new NodeOperations({
    provider,
    api: partial<HttpTransport>(api),
    shared: {} as SharedNodeConfig,
    ...(checkRoom ? { checkRoom } : {}),
  })
  return { api, provider, operations }
}

describe('NodeOperations', () => {
  it('adds a node and returns when it is Ready', async () => {
    const { api, provider, operations } = await cluster({})
    const adding = operations.add('n2')
    await api.watched('nodes')
    api.send('nodes', nodeOf('n2', 'True', later))
    await adding
    expect((await provider.list()).map((m) => m.name)).toEqual(['n1', 'n2'])
  })

  it('removes what was made of a node that dies during creation, quotes its log and leaves the others', async () => {
    const { api, provider, operations } = await cluster({ nodes: [nodeOf('n1', 'True', later)] })
    const adding = operations.add('n2')
    await api.watched('nodes')
    provider.die('n2', ['supervisor: no cgroups'])
    await expect(adding).rejects.toThrow(
      'Node n2 died while it was starting; the last it said: supervisor: no cgroups.',
    )
    expect((await provider.list()).map((m) => m.name)).toEqual(['n1'])
    expect(api.names('nodes')).toEqual(['n1'])
  })

  it('makes nothing when there is no room, for a bad name and for one that is taken', async () => {
    const full = await cluster({}, () => Promise.reject(new UserError('Too little disk.')))
    await expect(full.operations.add('n2')).rejects.toThrow('Too little disk.')
    await expect(full.operations.add('N_2')).rejects.toMatchObject({ message: '"N_2" is no node name.' })
    await expect(full.operations.add('n1')).rejects.toThrow('Node n1 is there already.')
    expect(full.provider.acts).toEqual(['create n1'])
  })

  it.each(['stop', 'start', 'remove'] as const)('%s of a node that does not exist names the nearest', async (verb) => {
    const { operations } = await cluster({})
    await expect(operations[verb]('n11')).rejects.toMatchObject({
      message: 'There is no node "n11".',
      remedy: 'Did you mean "n1"? There is n1.',
    })
  })

  it('starts a stopped node and returns only when it says itself that it is Ready again', async () => {
    const { api, provider, operations } = await cluster({
      nodes: [nodeOf('n1', 'True', earlier)],
      leases: [leaseOf('n1', earlier)],
    })
    await operations.stop('n1')
    let started = false
    const starting = operations.start('n1').then(() => (started = true))
    await api.watched('leases')
    expect(started).toBe(false)
    api.send('leases', leaseOf('n1', later))
    api.send('nodes', nodeOf('n1', 'False', later))
    await api.watched('nodes')
    expect(started).toBe(false)
    api.send('nodes', nodeOf('n1', 'True', later))
    await starting
    expect(provider.acts.slice(-2)).toEqual(['configure n1', 'start n1'])
  })

  it('resumes a frozen node and returns when it is heard of again: it goes on where it was', async () => {
    const { api, provider, operations } = await cluster({
      nodes: [nodeOf('n1', 'True', earlier)],
      leases: [leaseOf('n1', earlier)],
    })
    await provider.pause('n1')
    const starting = operations.start('n1')
    await api.watched('leases')
    api.send('leases', leaseOf('n1', later))
    await starting
    expect(provider.acts.slice(-2)).toEqual(['resume n1', 'configure n1'])
  })
})

describe('loadImages', () => {
  it('names an image that Docker does not have before anything is copied', async () => {
    const { provider } = await cluster({})
    const missing = Object.assign(new Error('no such image'), { statusCode: 404 })
    const docker = {
      getImage: (name: string) => ({
        inspect: () => (name === 'here' ? Promise.resolve({}) : Promise.reject(missing)),
      }),
    } as Docker
    await expect(loadImages(docker, provider, ['here', 'gone:1'], () => {})).rejects.toMatchObject({
      message: 'Docker on this machine has no image "gone:1".',
      remedy: expect.stringContaining('Build or pull it first'),
    })
    expect(provider.acts).toEqual(['create n1'])
  })
  it('names a node that stops meanwhile, and copies to the others', async () => {
    const { provider } = await cluster({})
    await provider.create({ name: 'n2', config: partial({}) })
    const docker = partial<Docker>({
      getImage: () => ({ inspect: () => Promise.resolve({}), get: () => Promise.resolve(Readable.from([])) }),
    })
    const load = vi.spyOn(provider, 'loadImage')
    load.mockRejectedValueOnce(new Error('(HTTP code 409) container stopped/paused - Container 80c is not running '))
    const lines: string[] = []
    await expect(loadImages(docker, provider, ['a', 'b'], (line) => lines.push(line))).rejects.toMatchObject({
      message: 'n1 did not take the images: (HTTP code 409) container stopped/paused - Container 80c is not running',
      remedy: expect.stringContaining('load again'),
    })
    expect(lines).toEqual(['a is on n2', 'b is on n2'])
  })
})
