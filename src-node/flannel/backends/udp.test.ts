import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { udp } from './udp.ts'

let stop: AbortController
afterEach(() => stop.abort())

function arrange({ links = ['eth0'], hasTun = true, nodeIp = '127.0.0.5' } = {}) {
  stop = new AbortController()
  const clock = new FakeClock()
  const ran: string[] = []
  const told: string[] = []
  const helpers: Array<{ line: string; child: EventEmitter & { stderr: PassThrough }; killed: boolean }> = []
  const host = {
    run(command: string, args: readonly string[]) {
      const line = [command, ...args].join(' ')
      ran.push(line)
      if (line.includes('tuntap') && !hasTun) return Promise.reject(new Error('open: No such device'))
      return Promise.resolve({ stdout: JSON.stringify(links.map((ifname) => ({ ifname }))) })
    },
    spawn(command: string, args: readonly string[]) {
      const helper = { line: [command, ...args].join(' '), killed: false }
      const kill = (): boolean => (helper.killed = true)
      const child = Object.assign(new EventEmitter(), { stderr: new PassThrough(), kill })
      helpers.push(Object.assign(helper, { child }))
      return partial<ChildProcessWithoutNullStreams>(child)
    },
  }
  const log = (message: string): void => void told.push(message)
  const backend = udp({ host, nodeIp, clusterCidr: '10.244.0.0/16', clock, signal: stop.signal, log })
  return { backend, clock, ran, told, helpers }
}

const eth0 = { name: 'eth0', mtu: 1500 }

describe('the backend udp', () => {
  it('makes the device and has a helper carry its packets, as large as they fit in a datagram', async () => {
    const { backend, ran, helpers } = arrange()
    expect(await backend.ensure(eth0, '10.244.1.0/24')).toEqual({ device: 'flannel0', mtu: 1472 })
    expect(ran.slice(2)).toEqual([
      'ip tuntap add dev flannel0 mode tun',
      'ip addr replace 10.244.1.0/32 dev flannel0',
      'ip link set flannel0 mtu 1472 up',
    ])
    expect(helpers.map(({ line }) => line)).toEqual([
      expect.stringMatching(
        /^setpriv --pdeathsig KILL socat TUN,tun-device=\/dev\/net\/tun,tun-name=flannel0,iff-no-pi UDP4-SENDTO:127\.0\.0\.1:\d+,bind=127\.0\.0\.1:\d+$/,
      ),
    ])
    expect(
      backend.entries([{ node: 'n2', publicIp: '172.28.0.12', subnet: '10.244.2.0/24', mac: undefined }]).routes,
    ).toEqual(new Map([['10.244.2.0/24', '10.244.2.0']]))
  })

  it('leaves a device alone that is there, and starts one helper only', async () => {
    const { backend, ran, helpers } = arrange({ links: ['eth0', 'flannel0'] })
    await backend.ensure(eth0, '10.244.1.0/24')
    await backend.ensure(eth0, '10.244.1.0/24')
    expect(ran.filter((line) => line.includes('tuntap'))).toEqual([])
    expect(helpers).toHaveLength(1)
  })

  it('starts a helper that ended again, says why it ended, and ends it with the agent', async () => {
    const { backend, clock, told, helpers } = arrange()
    await backend.ensure(eth0, '10.244.1.0/24')
    helpers[0]!.child.stderr.emit('data', Buffer.from('read(): File descriptor in bad state\n'))
    helpers[0]!.child.emit('exit', 1)
    helpers[0]!.child.emit('error', new Error('told of already'))
    expect(told).toEqual(['overlay: socat ended with 1: read(): File descriptor in bad state'])
    await clock.advance(1_000)
    expect(helpers).toHaveLength(2)
    stop.abort()
    helpers[1]!.child.emit('exit', 0)
    await clock.advance(10_000)
    expect(helpers.map(({ killed }) => killed)).toEqual([false, true])
  })

  it('names what the kernel lacks', async () => {
    const { backend, helpers } = arrange({ hasTun: false })
    await expect(backend.ensure(eth0, '10.244.1.0/24')).rejects.toThrow(
      "flannel's backend udp needs TUN devices of the kernel (module tun): open: No such device",
    )
    expect(helpers).toEqual([])
  })

  it('takes its device away from a node that works otherwise', async () => {
    const { backend, ran } = arrange({ links: ['eth0', 'flannel0'] })
    await backend.remove(eth0)
    expect(ran.at(-1)).toBe('ip link del flannel0')
  })
})
