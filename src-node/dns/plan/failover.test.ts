import { describe, expect, it } from 'vitest'
import { failoverTables } from './failover.ts'

const nat = (peers: string[]) => failoverTables('10.96.0.10', peers)[0]!

describe('failoverTables', () => {
  it('answer locally while the mark is fresh, else spread evenly over the other nodes', () => {
    const rules = nat(['172.28.0.12', '172.28.0.13']).rules.split('\n')
    expect(rules[2]).toContain('--rcheck --seconds 4 --rdest -j RETURN')
    expect(rules.filter((r) => r.includes('-p udp'))).toEqual([
      '-A DRYDOCK-DNS -p udp -m statistic --mode random --probability 0.500000 -j DNAT --to-destination 172.28.0.12:53',
      '-A DRYDOCK-DNS -p udp -j DNAT --to-destination 172.28.0.13:53',
    ])
  })

  it('have only the local answer on a lone node', () => {
    expect(nat([]).rules).not.toContain('DNAT')
    expect(nat([]).jumps).toHaveLength(4)
  })
})
