import { describe, expect, it } from 'vitest'
import { between, fromPort, linesAnswered, parseFlow, parseFlows, trackOf } from './conntrack.ts'
import { events, TABLE } from './testing/captured.ts'

const toWeb = {
  original: { source: '10.244.1.5', sourcePort: 61374, target: '10.96.20.1', targetPort: 80 },
  reply: { source: '10.244.2.7', sourcePort: 8080, target: '10.244.1.5', targetPort: 61374 },
}

describe('a line of the kernel', () => {
  it('names both directions, the state, what happened and when', () => {
    const [first] = parseFlows(events.connected)
    expect(first).toMatchObject({
      event: 'NEW',
      flow: { ...toWeb, protocol: 'tcp', state: 'SYN_SENT', unreplied: true },
    })
    expect(first!.at).toBeCloseTo(1795292975026.372, 2)
    expect(parseFlows(events.connected).map(({ flow }) => flow.state)).toEqual([
      'SYN_SENT',
      'SYN_RECV',
      'ESTABLISHED',
      'FIN_WAIT',
    ])
  })

  it('of the table has no time, and of UDP no state; other protocols and notes are left out', () => {
    const lines = parseFlows(TABLE)
    expect(lines.map(({ flow, at, event }) => [flow.protocol, flow.state, flow.unreplied, at, event])).toEqual([
      ['udp', '', true, undefined, undefined],
      ['tcp', 'TIME_WAIT', false, undefined, undefined],
      ['udp', '', false, undefined, undefined],
    ])
    expect(parseFlow('tcp      6 106 TIME_WAIT src=10.244.1.5')).toBeUndefined()
    expect(
      parseFlow('tcp      6 src=1.1.1.1 dst=2.2.2.2 sport=1 dport=2 src=2.2.2.2 dst=1.1.1.1 sport=2 dport=1'),
    ).toMatchObject({
      flow: { state: '' },
    })
  })
})

describe('the story of a connection', () => {
  it('is how far it came, and when it was answered', () => {
    const track = trackOf(parseFlows(events.connected))!
    expect(track).toMatchObject({ ...toWeb, state: 'ESTABLISHED', unreplied: false, reset: false })
    expect(track.answered! - track.began!).toBeCloseTo(0.051, 2)
  })

  it('knows a reset, which only the end of the entry tells', () => {
    expect(trackOf(parseFlows(events.reset))).toMatchObject({ state: 'CLOSE', unreplied: true, reset: true })
  })

  it('of one that nobody answered has no answer', () => {
    const track = trackOf(parseFlows(events.lost))!
    expect(track).toMatchObject({ state: 'SYN_SENT', unreplied: true, reset: false })
    expect(track.answered).toBeUndefined()
    expect(trackOf([])).toBeUndefined()
  })

  it('can be read of the table alone, or of an end alone', () => {
    expect(trackOf(parseFlows(TABLE).slice(1, 2))).toMatchObject({ state: 'TIME_WAIT', unreplied: false })
    const ended = parseFlows(events.connected.replaceAll('[UPDATE]', '[DESTROY]')).slice(3)
    expect(trackOf(ended)).toMatchObject({ state: 'FIN_WAIT', reset: false })
  })
})

describe('the other end', () => {
  it('finds the connection by its answers, though its address was another there', () => {
    const { reply } = trackOf(parseFlows(events.connected))!
    expect(linesAnswered(parseFlows(events.arrived + events.lost), reply)).toHaveLength(3)
  })

  it('finds one that a node port sends on by what was sent', () => {
    const sent = { source: '172.28.0.12', sourcePort: 30080, target: '172.28.0.11', targetPort: 27601 }
    expect(trackOf(linesAnswered(parseFlows(events.nodePort), sent))!.reply.source).toBe('10.244.2.7')
    expect(linesAnswered(parseFlows(events.nodePort), { ...sent, targetPort: 1 })).toEqual([])
  })

  it('asks the table for both', () => {
    expect(between('tcp', toWeb.reply)).toEqual([
      ['-p', 'tcp', '--reply-src', '10.244.2.7', '--reply-dst', '10.244.1.5'],
      ['-p', 'tcp', '--orig-src', '10.244.1.5', '--orig-dst', '10.244.2.7'],
    ])
    expect(fromPort('udp', 61001)).toEqual(['-p', 'udp', '--orig-port-src', '61001'])
  })
})
