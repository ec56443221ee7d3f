import { describe, expect, it } from 'vitest'
import type { Observed } from '../plan/observed.ts'
import { PodNetwork } from './pod-network.ts'

const ID = '0123456789abcdef'
const LINK = 'veth01234567'

function arrange({ bridge = '10.244.1.1/29', links = [] as object[], broken = 0 } = {}) {
  const ended: string[] = []
  const logged: string[] = []
  const observed: Array<Partial<Observed>> = []
  const commands: string[] = []
  const host = {
    run(command: string, args: readonly string[], { stdin = '' }: { stdin?: string } = {}) {
      commands.push([command, ...args].join(' '), ...stdin.split('\n').filter(Boolean))
      if (broken > 0 && args.includes(String(broken))) return Promise.reject(new Error('no such process'))
      return Promise.resolve({ stdout: args.includes('-j') ? JSON.stringify(links) : '', stderr: '' })
    },
  }
  const range = Promise.resolve({ bridge, mtu: 1450 })
  const end = (id: string) => Promise.resolve(void ended.push(id))
  const log = (words: string) => void logged.push(words)
  const network = new PodNetwork({ host, range, observed: () => observed as Observed[], end, log })
  return { network, observed, commands, ended, logged }
}

describe('addresses of pods', () => {
  it("are the node's, in turn, so that one which was given back rests", async () => {
    const { network } = arrange()
    expect(await network.take()).toBe('10.244.1.2')
    network.release('10.244.1.2')
    for (const last of [3, 4, 5, 6, 2]) expect(await network.take()).toBe(`10.244.1.${last}`)
  })

  it('stay with what runs in a sandbox that ended', async () => {
    const { network, observed } = arrange()
    observed.push({ podUid: 'u', address: '10.244.1.2', ip: '', state: 'exited' })
    observed.push({ podUid: 'u', ip: '', state: 'running' })
    expect(await network.take()).toBe('10.244.1.3')
  })

  it('are not given twice: to one on its way, one that is there, one that an earlier agent had the engine join', async () => {
    const { network, observed } = arrange()
    expect(await network.take()).toBe('10.244.1.2')
    observed.push({ address: '10.244.1.3', ip: '', state: 'created' }, { ip: '10.244.1.4', state: 'running' })
    observed.push({ podUid: 'ended', address: '10.244.1.5', ip: '', state: 'exited' })
    expect(await network.take()).toBe('10.244.1.5')
    expect(await network.take()).toBe('10.244.1.6')
    await expect(network.take()).rejects.toThrow('no address from 10.244.1.1 to 10.244.1.6 is free')
    network.release('10.244.1.2')
    expect(await network.take()).toBe('10.244.1.2')
  })
})

describe('a sandbox', () => {
  it('is joined from inside, then seen from outside', async () => {
    const { network, commands } = arrange({ bridge: '10.244.1.1/24' })
    await network.attach({ id: ID, pid: 77, ip: '10.244.1.200' })
    expect(commands).toEqual([
      'nsenter -t 77 -n ip -batch -',
      `link add eth0 mtu 1450 address 02:42:0a:f4:01:c8 type veth peer name ${LINK} netns 1`,
      'link set eth0 addrgenmode none',
      'addr add 10.244.1.200/24 dev eth0',
      'link set eth0 up',
      'route add default via 10.244.1.1',
      'ip -batch -',
      `link set ${LINK} mtu 1450 master docker0`,
      `link set ${LINK} type bridge_slave hairpin on`,
      `link set ${LINK} up`,
    ])
  })

  it('that an agent left half-made is joined anew; others are left alone', async () => {
    const { network, observed, commands } = arrange({
      links: [
        { ifname: LINK, flags: ['UP'] },
        { ifname: 'vethcomplete', master: 'docker0', flags: ['UP'] },
        { ifname: 'vethdown', master: 'docker0', flags: [] },
      ],
    })
    await network.repair()
    expect(commands).toEqual([])
    observed.push({ id: ID, pid: 7, address: '10.244.1.2', ip: '10.244.1.2', state: 'running' })
    observed.push({ id: 'complete', address: '10.244.1.3', ip: '10.244.1.3', state: 'running' })
    observed.push({ id: 'ended', address: '10.244.1.4', ip: '', state: 'exited' })
    observed.push({ id: 'older', ip: '10.244.1.5', state: 'running' })
    observed.push({ id: 'missing', pid: 8, address: '10.244.1.6', ip: '10.244.1.6', state: 'running' })
    observed.push({ id: 'down', pid: 9, address: '10.244.1.7', ip: '10.244.1.7', state: 'running' })
    await network.repair()
    expect(commands.filter((line) => /^ip link|^nsenter/.test(line))).toEqual([
      `ip link del ${LINK}`,
      'nsenter -t 7 -n ip -batch -',
      'nsenter -t 8 -n ip -batch -',
      'ip link del vethdown',
      'nsenter -t 9 -n ip -batch -',
    ])
  })

  it('that cannot be completed is ended, and others are completed all the same', async () => {
    const { network, observed, commands, ended, logged } = arrange({ broken: 7 })
    const sandbox = { podName: 'p', podNamespace: 'ns', state: 'running' as const }
    observed.push({ ...sandbox, id: ID, pid: 7, address: '10.244.1.2', ip: '10.244.1.2' })
    observed.push({ ...sandbox, id: 'other', pid: 8, address: '10.244.1.3', ip: '10.244.1.3' })
    await network.repair()
    expect(ended).toEqual([ID])
    expect(logged).toEqual(['pod network: sandbox 0123456789ab of ns/p: Error: no such process'])
    expect(commands).toContain('nsenter -t 8 -n ip -batch -')
  })

  it('is completed once, however often that is asked for at a time', async () => {
    const { network, observed, commands } = arrange()
    observed.push({ id: ID, pid: 7, address: '10.244.1.2', ip: '10.244.1.2', state: 'running' })
    await Promise.all([network.repair(), network.repair()])
    expect(commands.filter((line) => line.startsWith('nsenter'))).toHaveLength(1)
  })

  it('that is being joined just now is left to who joins it', async () => {
    const { network, observed, commands } = arrange()
    const address = await network.take()
    observed.push({ id: ID, pid: 7, address, ip: address, state: 'running' })
    await network.repair()
    expect(commands).toEqual([])
    network.release(address)
    await network.repair()
    expect(commands).toContain('nsenter -t 7 -n ip -batch -')
  })
})
