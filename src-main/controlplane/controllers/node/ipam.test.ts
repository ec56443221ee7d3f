import { afterEach, describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { nodeIpamController } from './ipam.ts'
import { nodeCluster } from './testing/node-cluster.ts'

let c: ReturnType<typeof nodeCluster>
afterEach(() => c.h.finish())
const start = (cidr: string) => {
  c = nodeCluster([nodeIpamController(cidr)])
  return c.h.start()
}
const join = (name: string, spec: object = {}, metadata: object = {}) =>
  c.h.server.put(refs.nodes, { metadata: { name, ...metadata }, spec })
const cidr = (name: string) => c.node(name)?.spec?.podCIDR

describe('node IPAM', () => {
  it('gives each node the lowest free /24 and reuses that of a deleted one', async () => {
    await start('10.244.0.0/16')
    for (const name of ['n1', 'n2']) join(name)
    await c.h.settle()
    expect([cidr('n1'), cidr('n2')]).toEqual(['10.244.0.0/24', '10.244.1.0/24'])
    c.h.server.remove(refs.nodes, 'n1')
    await c.h.settle()
    join('n3')
    await c.h.settle()
    expect(c.node('n3')?.spec).toMatchObject({ podCIDR: '10.244.0.0/24', podCIDRs: ['10.244.0.0/24'] })
  })

  it('leaves alone what nodes have already, and gives it to nobody else', async () => {
    c = nodeCluster([nodeIpamController('10.244.0.0/16')])
    join('old', { podCIDR: '10.244.0.0/24' })
    await c.h.start()
    join('n1')
    await c.h.settle()
    expect([cidr('old'), cidr('n1')]).toEqual(['10.244.0.0/24', '10.244.1.0/24'])
  })

  it('gives nothing to a node that is going', async () => {
    await start('10.244.0.0/16')
    join('n1', {}, { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['x'] })
    await c.h.settle()
    expect(cidr('n1')).toBeUndefined()
  })

  it('gives the range to the node that it was meant for when the first try fails', async () => {
    await start('10.244.0.0/16')
    let failures = 1
    c.h.server.intercept = (call) => {
      if (call.verb === 'patch' && failures-- > 0) throw new Error('connection lost')
      return undefined
    }
    join('n1')
    join('n2')
    await c.h.pass(5_000, 5)
    expect(new Set([cidr('n1'), cidr('n2')])).toEqual(new Set(['10.244.0.0/24', '10.244.1.0/24']))
    c.h.warnings.length = 0
  })

  it('says when the range is used up, and gives what becomes free', async () => {
    await start('10.244.0.0/23')
    for (const name of ['n1', 'n2', 'n3']) join(name)
    await c.h.settle()
    expect(cidr('n3')).toBeUndefined()
    expect(c.h.eventMessages()).toContain('Node n3 status is now: CIDRNotAvailable')
    c.h.server.remove(refs.nodes, 'n2')
    await c.h.pass(30_000, 3)
    expect(cidr('n3')).toBe('10.244.1.0/24')
  })

  it.each(['10.244.0.0', '10.244.0/16', '10.244.0.0/25', '10.244.0.0/7', 'x.y.z.w/16'])(
    'refuses %s as a cluster range',
    async (range) => {
      await start('10.244.0.0/16')
      expect(() => nodeIpamController(range)).toThrow('expected a cluster CIDR')
    },
  )
})
