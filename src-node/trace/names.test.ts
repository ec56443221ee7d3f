import { describe, expect, it } from 'vitest'
import { candidates, isAddress, isHost, parseResolver, queryLine } from './names.ts'

const pod = parseResolver(
  '# by the kubelet\nnameserver 10.96.0.10\nnameserver 8.8.8.8\nsearch old.example\nsearch shop.svc.cluster.local svc.cluster.local cluster.local .\noptions ndots:5 edns0\n',
)

describe('a resolver', () => {
  it('is what its file says: the last search list, the first server', () => {
    expect(pod).toEqual({
      server: '10.96.0.10',
      search: ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
      ndots: 5,
    })
    expect(parseResolver('')).toEqual({ server: undefined, search: [], ndots: 1 })
  })

  it('asks for short names in the search list first, and for long ones as they are', () => {
    expect(candidates('web', pod)).toEqual([
      'web.shop.svc.cluster.local',
      'web.svc.cluster.local',
      'web.cluster.local',
      'web',
    ])
    expect(candidates('a.b.c.d.e.f', pod)[0]).toBe('a.b.c.d.e.f')
    expect(candidates('web.shop.', pod)).toEqual(['web.shop'])
  })

  it('has no more domains to search than pods may have, and asks for nothing that is no name: a container can write its file', () => {
    const many = parseResolver(`search ${Array.from({ length: 5000 }, (_, i) => `d${i}`).join(' ')}`)
    expect(many.search).toHaveLength(32)
    expect(candidates('web', { search: ['x'.repeat(64), 'a..b', 'ok'], ndots: 5 })).toEqual(['web.ok', 'web'])
  })
})

describe('a destination', () => {
  it('is a name or an IPv4 address, and nothing that a tool would take for an option', () => {
    expect(['web', 'web.shop.svc', '_dns._udp.kube-dns', '10.96.0.1', 'a.'].map(isHost)).toEqual([
      true,
      true,
      true,
      true,
      true,
    ])
    expect(['', '-x', 'a b', 'a,fork', '10.0.0.256', '1.2.3', 'a:80', 'a..b', 'x'.repeat(300)].map(isHost)).toEqual(
      Array(9).fill(false),
    )
    expect([isAddress('255.0.10.1'), isAddress('1.2.3'), isAddress('::1')]).toEqual([true, false, false])
  })
})

it('tells each question with its answer', () => {
  const query = { name: 'web', result: 'found' as const, addresses: ['10.96.0.7'], aliases: [], ms: 1.25 }
  expect(queryLine(query)).toBe('web. A → 10.96.0.7 (1.3 ms)')
  expect(queryLine({ ...query, aliases: ['www.example.com'] })).toBe(
    'web. A → CNAME www.example.com 10.96.0.7 (1.3 ms)',
  )
  expect(queryLine({ name: 'x', result: 'silent', addresses: [], aliases: [] })).toBe('x. A → no answer')
})
