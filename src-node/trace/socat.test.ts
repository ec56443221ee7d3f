import { describe, expect, it } from 'vitest'
import { attemptLines, attemptOf, isDone, isTaken, portFor, type Probe, socatArguments } from './socat.ts'
import { notes } from './testing/captured.ts'

const tcp: Probe = { protocol: 'tcp', address: '10.96.20.1', port: 80, sourcePort: 61001, timeout: 3_500 }
const udp: Probe = { ...tcp, protocol: 'udp' }

describe('an attempt', () => {
  it('is made from a port of its own, above those that the kernel gives away', () => {
    expect([portFor(0), portFor(0.999_999)]).toEqual([61_000, 65_535])
    expect(socatArguments(tcp).at(-1)).toBe('TCP4:10.96.20.1:80,sourceport=61001,connect-timeout=3.500')
    expect(socatArguments(udp).at(-1)).toBe('UDP4:10.96.20.1:80,sourceport=61001')
  })

  it.each([
    ['connected', notes.connected, 0.371, ''],
    ['refused', notes.refused, 0.283, 'Connection refused'],
    ['unreachable', notes.unreachable, 0.157, 'Network is unreachable'],
    ['timeout', notes.timeout, undefined, 'Connection timed out'],
    ['refused', notes.newRefused, 0.132, 'Connection refused'],
    ['timeout', notes.newTimeout, undefined, 'Connection timed out'],
    ['failed', notes.taken, 0.056, 'Address already in use'],
    ['failed', notes.newTaken, 0.016, 'Address already in use'],
    ['failed', '', undefined, ''],
  ])('by TCP is %s', (outcome, text, ms, words) => {
    const attempt = attemptOf(text, tcp, 0)
    expect(attempt).toMatchObject({ outcome, words, sourcePort: 61001 })
    if (ms === undefined) expect(attempt.ms).toBeUndefined()
    else expect(attempt.ms).toBeCloseTo(ms, 3)
  })

  it.each([
    ['answered', notes.udp, 20],
    ['silent', notes.udp, 0],
    ['refused', notes.udpRefused, 0],
  ])('by UDP is %s', (outcome, text, received) => {
    expect(attemptOf(text, udp, received).outcome).toBe(outcome)
  })

  it('that goes on over midnight took no negative time', () => {
    const late = notes.connected
      .replace('20:21:58.801280', '23:59:59.999900')
      .replace('20:21:58.801651', '00:00:00.000100')
    expect(attemptOf(late, tcp, 0).ms).toBeCloseTo(0.2, 3)
  })

  it('is over when it stands or has failed, and is made again where the port is taken', () => {
    expect([notes.connected, notes.refused, notes.connected.split('\n')[0]!].map(isDone)).toEqual([true, true, false])
    expect([isTaken(notes.taken), isTaken(notes.refused)]).toEqual([true, false])
    expect(attemptLines(notes.connected)).toHaveLength(2)
  })
})
