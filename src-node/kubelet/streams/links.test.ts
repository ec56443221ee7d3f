import { expect, it } from 'vitest'
import { carriedBy, nodeLinks, podLinks } from './links.ts'

const TABLE = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       1       1    0    0    0     0          0         0        1       1    0    0    0     0       0          0
  eth0:     100      10    1    2    0     0          0         0      200      20    3    4    0     0       0          0
docker0:      5       5    0    0    0     0          0         0        5       5    0    0    0     0       0          0
flannel.1:    7       1    0    0    0     0          0         0        8       1    0    0    0     0       0          0
vethab:      30       3    0    1    0     0          0         0       40       4    2    5    0     0       0          0
`

it('what the node sent into a pod the pod received', () => {
  const [[name, link] = ['', undefined], ...others] = [...podLinks(TABLE)]
  expect(others).toEqual([])
  expect([name, link]).toEqual([
    'vethab',
    {
      name: 'eth0',
      rxBytes: 40,
      rxPackets: 4,
      rxErrors: 2,
      rxDropped: 5,
      txBytes: 30,
      txPackets: 3,
      txErrors: 0,
      txDropped: 1,
    },
  ])
})

it('the interfaces of the node are those that lead out of it', () => {
  expect(nodeLinks(TABLE).map(carriedBy)).toEqual([
    { name: 'eth0', rxBytes: 100, rxErrors: 1, txBytes: 200, txErrors: 3 },
    { name: 'flannel.1', rxBytes: 7, rxErrors: 0, txBytes: 8, txErrors: 0 },
  ])
})
