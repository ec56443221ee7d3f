import { expect, it } from 'vitest'
import { conntrackArguments, unservedFlows } from './conntrack.ts'
import { here, port, there } from './testing/service-port.ts'

const dns = port({ protocol: 'udp', port: 53, nodePort: 30_053, externalIps: ['203.0.113.9'] })
const flow = (target: string, number: number, answering: string) =>
  `udp      17 29 src=10.244.0.2 dst=${target} sport=4000 dport=${number} [UNREPLIED] src=${answering} dst=10.244.0.2 sport=8081 dport=4000 mark=0 use=1`
const forgotten = (...lines: string[]) =>
  unservedFlows(`${lines.join('\n')}\n`, [dns, port()]).map((one) => conntrackArguments(one).slice(3).join(' '))

it('flows that no endpoint of their service answers are found in what the kernel tells', () => {
  expect(
    forgotten(
      flow('10.96.1.1', 53, '10.244.9.9'),
      flow('10.96.1.1', 53, '10.244.9.9'),
      flow('203.0.113.9', 53, '10.244.9.9'),
      flow('172.28.0.11', 30_053, '10.244.9.9'),
      flow('10.96.1.1', 53, '10.96.1.1'),
    ),
  ).toEqual([
    '--orig-dst 10.96.1.1 --dst-nat 10.244.9.9',
    '--orig-dst 203.0.113.9 --dst-nat 10.244.9.9',
    '--dport 30053 --dst-nat 10.244.9.9',
    '--orig-dst 10.96.1.1',
  ])
})

it('others are left alone', () => {
  expect(
    forgotten(
      flow('10.96.1.1', 53, here.ip),
      flow('172.28.0.11', 30_053, there.ip),
      // Of another protocol, another service, and somebody else's port of that number.
      flow('10.96.1.1', 80, '10.244.9.9'),
      flow('10.96.1.2', 53, '10.244.9.9'),
      flow('198.51.100.1', 30_053, '198.51.100.1'),
      'conntrack v1.4.7 (conntrack-tools): 5 flow entries have been shown.',
    ),
  ).toEqual([])
  expect(unservedFlows(flow('10.96.1.1', 53, '10.244.9.9'), [{ ...dns, all: [], local: [] }])).toEqual([])
})
