import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import type { ServicePort } from '../rules/model.ts'
import { chooseBackend, cleanupLeftovers, type ProxyMode } from './index.ts'

const web: ServicePort = {
  id: 'shop/web',
  protocol: 'tcp',
  clusterIp: '10.96.1.1',
  port: 80,
  nodePort: undefined,
  externalIps: [],
  balancerIps: [],
  all: [{ ip: '10.244.1.2', port: 8080, local: true }],
  local: [],
  internalLocal: false,
  externalLocal: false,
  affinitySeconds: undefined,
  sourceRanges: [],
}

let stop = new AbortController()
afterEach(() => {
  stop.abort()
  stop = new AbortController()
})

/** A node whose tools say what they are told to, and refuse what they are told to. */
function arrange() {
  const said: Record<string, string> = {
    'ip -j link show': '[{"ifname":"lo"}]',
    'ip -j addr show dev kube-ipvs0': '[{"addr_info":[{"family":"inet","local":"10.96.9.9"}]}]',
    'ipvsadm -S -n': '-A -t 10.96.9.9:80 -s rr\n',
  }
  const refused = new Set<string>()
  const ran: Array<{ line: string; stdin: string }> = []
  const told: string[] = []
  const host = {
    run(command: string, args: readonly string[], { stdin = '' }: { stdin?: string } = {}) {
      const line = [command, ...args].join(' ')
      ran.push({ line, stdin })
      for (const words of refused) if (`${line}\n${stdin}`.includes(words)) return Promise.reject(new Error(words))
      return Promise.resolve({ stdout: said[line] ?? '' })
    },
  }
  const options = {
    host,
    clusterCidr: '10.244.0.0/16',
    serviceCidr: '10.96.0.0/16',
    dnsAddress: '10.96.0.10',
    nodeIp: '172.28.0.11',
    ipvsScheduler: 'lc',
    clock: new FakeClock(),
    signal: stop.signal,
    log: (message: string) => void told.push(message),
  }
  const inputs = (tool: string): string[] => ran.filter(({ line }) => line.startsWith(tool)).map(({ stdin }) => stdin)
  const begin = async (mode: ProxyMode) => {
    const { backend } = await chooseBackend(mode, options)
    ran.length = 0
    return backend
  }
  return { said, refused, ran, told, options, inputs, begin, lines: () => ran.map(({ line }) => line) }
}
const ports = [web]
const hostPorts: never[] = []

describe('chooseBackend', () => {
  it('takes the mode that was asked for where the kernel has all of it', async () => {
    const { options } = arrange()
    for (const mode of ['iptables', 'nftables', 'ipvs'] as const)
      expect(await chooseBackend(mode, options)).toMatchObject({ mode, missing: [] })
  })

  it('falls back to iptables and names what the kernel lacks', async () => {
    const { options, refused } = arrange()
    refused.add('ipvsadm').add('type dummy').add('numgen')
    expect(await chooseBackend('ipvs', options)).toMatchObject({
      mode: 'iptables',
      missing: ['virtual servers (module ip_vs, CONFIG_IP_VS)', 'dummy devices (module dummy, CONFIG_DUMMY)'],
    })
    expect(await chooseBackend('nftables', options)).toMatchObject({
      mode: 'iptables',
      missing: ['choice by chance (CONFIG_NFT_NUMGEN)'],
    })
  })

  it('names nothing that follows from what is named, nor options of a kernel where only the program is missing', async () => {
    const { options, refused } = arrange()
    refused.add('drydock-trial')
    expect((await chooseBackend('nftables', options)).missing).toEqual([
      'tables of nftables (CONFIG_NF_TABLES, CONFIG_NF_TABLES_IPV4)',
    ])
    refused.clear()
    const gone = { ...options, host: { run: () => Promise.reject(new Error('spawn nft ENOENT')) } }
    expect((await chooseBackend('nftables', gone)).missing).toEqual(['the program nft'])
  })
})

describe('the iptables mode', () => {
  it('writes all at first, then what changed, and all again after a failure', async () => {
    const { begin, refused, inputs } = arrange()
    const backend = await begin('iptables')
    await backend.write({ ports, hostPorts })
    const all = inputs('iptables-restore')[0]!
    expect(all).toContain(':KUBE-POSTROUTING')
    refused.add('10.96.1.2')
    await expect(backend.write({ ports: [{ ...web, clusterIp: '10.96.1.2' }], hostPorts })).rejects.toThrow('10.96.1.2')
    refused.clear()
    await backend.write({ ports, hostPorts })
    expect(inputs('iptables-restore').filter((input) => input === all)).toHaveLength(2)
  })
})

/** What `iptables-save` prints of a table after this input of `iptables-restore`. */
function savedOf(table: string, inputs: readonly string[]): string {
  const parts = inputs.flatMap((input) => input.split(/^(?=\*)/m)).filter((part) => part.startsWith(`*${table}\n`))
  return parts.join('').replace(/^-I (\S+) 1 /gm, '-A $1 ')
}

describe.each(['iptables', 'ipvs'] as const)('what the %s mode wrote', (mode) => {
  async function written() {
    const node = arrange()
    const backend = await node.begin(mode)
    await backend.write({ ports, hostPorts })
    const restored = node.inputs('iptables-restore')
    for (const table of ['nat', 'filter']) node.said[`iptables-save -t ${table}`] = savedOf(table, restored)
    node.said['ipset list -name'] = node
      .inputs('ipset')
      .flatMap((input) => [...input.matchAll(/^create (\S+)/gm)].map(([, name]) => name))
      .join('\n')
    node.said['ip -j link show'] = '[{"ifname":"kube-ipvs0"}]'
    node.said['ipvsadm -S -n'] = '-A -t 10.96.1.1:80 -s lc\n-a -t 10.96.1.1:80 -r 10.244.1.2:8080 -m -w 1\n'
    node.said['ip -j addr show dev kube-ipvs0'] = '[{"addr_info":[{"family":"inet","local":"10.96.1.1"}]}]'
    node.ran.length = 0
    return { ...node, backend }
  }

  it('is missed when somebody flushed it, and then written whole', async () => {
    const { backend, said, inputs } = await written()
    said['iptables-save -t nat'] = said['iptables-save -t nat']!.replace(/^-A .*\n/gm, '')
    expect(await backend.missing()).toEqual(expect.arrayContaining(['KUBE-SERVICES', 'KUBE-POSTROUTING', 'PREROUTING']))
    expect(await backend.write({ ports, hostPorts })).toMatchObject({ isFull: true })
    expect(inputs('iptables-restore')[0]).toContain('-A KUBE-POSTROUTING')
    expect(inputs('iptables-restore').join('')).toContain('-I PREROUTING 1')
  })

  it('is missed when only what leads to it is gone', async () => {
    const { backend, said } = await written()
    said['iptables-save -t filter'] = said['iptables-save -t filter']!.replace(/^-A FORWARD .*\n/gm, '')
    expect([...new Set(await backend.missing())]).toEqual(['FORWARD'])
  })

  it('is not missed while it is there', async () => {
    const { backend } = await written()
    expect(await backend.missing()).toEqual([])
    expect(await backend.write({ ports, hostPorts })).toMatchObject({ isFull: false })
  })
})

describe('what the ipvs mode wrote beside rules', () => {
  it.each([
    ['ipvsadm -S -n', '', 'virtual servers'],
    ['ip -j link show', '[]', 'kube-ipvs0'],
    ['ipset list -name', '', 'KUBE-'],
  ])('is missed when %s tells of nothing', async (command, answer, name) => {
    const { begin, said } = arrange()
    const backend = await begin('ipvs')
    await backend.write({ ports, hostPorts })
    said[command] = answer
    expect((await backend.missing()).join()).toContain(name)
  })
})

describe('what the nftables mode wrote', () => {
  it('is missed when the table is gone or a chain was flushed, and then written whole', async () => {
    const { begin, said, inputs } = arrange()
    const backend = await begin('nftables')
    await backend.write({ ports, hostPorts })
    const [all = ''] = inputs('nft -f -')
    expect(await backend.missing()).toContain('nat-prerouting')
    await backend.write({ ports, hostPorts })
    expect(inputs('nft -f -').at(-1)).toBe(all)

    said['nft list tables ip'] = 'table ip kube-proxy\n'
    const names = (kind: string) =>
      [...all.matchAll(new RegExp(`^add ${kind} ip kube-proxy (\\S+)`, 'gm'))].map(([, name]) => name!)
    const listed = (emptied: string): string => {
      const block = (kind: string, name: string): string => {
        const rules = all.includes(`add rule ip kube-proxy ${name} `) && name !== emptied ? '\t\taccept\n' : ''
        return `\t${kind} ${name} {\n${name === 'nat-prerouting' ? '\t\ttype nat hook prerouting priority dstnat; policy accept;\n' : ''}${rules}\t}\n`
      }
      return ['set', 'map', 'chain'].flatMap((kind) => names(kind).map((name) => block(kind, name))).join('\n')
    }
    said['nft -t list table ip kube-proxy'] = listed('')
    expect(await backend.missing()).toEqual([])
    said['nft -t list table ip kube-proxy'] = listed('nat-prerouting')
    expect(await backend.missing()).toEqual(['nat-prerouting'])
  })
})

describe('the userspace mode', () => {
  it('leads each service to a port of the node, with one for a local policy beside it', async () => {
    const { options, inputs } = arrange()
    const { backend } = await chooseBackend('userspace', { ...options, nodeIp: '127.0.0.1' })
    const local = { ...web, clusterIp: '10.96.1.3', id: 'shop/local', local: web.all, internalLocal: true }
    const sctp = { ...web, clusterIp: '10.96.1.4', id: 'shop/sctp', protocol: 'sctp' as const }
    const none = { ...web, clusterIp: '10.96.1.5', id: 'shop/none', all: [] }
    const dns = { ...web, clusterIp: '10.96.1.6', id: 'shop/dns', protocol: 'udp' as const, affinitySeconds: 10 }
    await backend.write({ ports: [web, local, sctp, none, dns], hostPorts })
    const [all = ''] = inputs('iptables-restore')
    const targets = [...all.matchAll(/"(\S+)" .*-j DNAT --to-destination (\S+):/g)].map(([, id, ip]) => `${id} ${ip}`)
    expect(targets.filter((one) => one.startsWith('shop/')).toSorted()).toEqual([
      'shop/dns 127.0.0.1',
      'shop/local 127.0.0.1',
      'shop/sctp 10.244.1.2',
      'shop/web 127.0.0.1',
    ])
    expect(all).toMatch(/10\.96\.1\.5.*REJECT/)
    expect(all).not.toContain('-m recent')
  })

  it('keeps the port of a service whatever its endpoints, and closes it with the service', async () => {
    const { options, inputs } = arrange()
    const { backend } = await chooseBackend('userspace', { ...options, nodeIp: '127.0.0.1' })
    const reached = async (): Promise<boolean> => {
      const port = Number(/--to-destination 127\.0\.0\.1:(\d+)/.exec(inputs('iptables-restore')[0]!)![1])
      const socket = connect(port, '127.0.0.1').on('error', () => {})
      return new Promise((resolve) => socket.once('connect', () => resolve(true)).once('close', () => resolve(false)))
    }
    await backend.write({ ports, hostPorts })
    const before = inputs('iptables-restore').length
    await backend.write({ ports: [{ ...web, all: [{ ip: '10.244.1.9', port: 1, local: true }] }], hostPorts })
    expect(inputs('iptables-restore')).toHaveLength(before)
    expect(await reached()).toBe(true)
    await backend.write({ ports: [], hostPorts })
    expect(await reached()).toBe(false)
  })
})

describe('the nftables mode', () => {
  it('writes all at first, then what changed, and all again after a failure', async () => {
    const { begin, refused, inputs } = arrange()
    const backend = await begin('nftables')
    await backend.write({ ports, hostPorts })
    await backend.write({ ports, hostPorts })
    const [all, ...more] = inputs('nft -f -')
    expect(all).toContain('add chain ip kube-proxy nat-prerouting')
    expect(more).toEqual([])
    refused.add('10.96.1.2')
    await expect(backend.write({ ports: [{ ...web, clusterIp: '10.96.1.2' }], hostPorts })).rejects.toThrow('10.96.1.2')
    refused.clear()
    await backend.write({ ports, hostPorts })
    expect(inputs('nft -f -').at(-1)).toBe(all)
  })

  it('removes what it could not with the next change', async () => {
    const { begin, refused, inputs, told } = arrange()
    const backend = await begin('nftables')
    await backend.write({ ports, hostPorts })
    refused.add('delete chain')
    await backend.write({ ports: [], hostPorts })
    expect(told.join()).toContain('stay a while')
    refused.clear()
    await backend.write({ ports: [{ ...web, id: 'shop/other' }], hostPorts })
    expect(inputs('nft -f -').at(-1)).toMatch(/^delete chain ip kube-proxy endpoint-\w+-shop\/web\//m)
  })
})

describe('the ipvs mode', () => {
  it('takes over what is there, and writes sets, rules, addresses and servers in this order', async () => {
    const { begin, inputs, lines, said } = arrange()
    const backend = await begin('ipvs')
    await backend.write({ ports, hostPorts })
    expect(lines()).toContain('ip link add kube-ipvs0 type dummy')
    expect(inputs('ipvsadm -R')).toEqual([
      '-A -t 10.96.1.1:80 -s lc\n-a -t 10.96.1.1:80 -r 10.244.1.2:8080 -m -w 1\n-D -t 10.96.9.9:80\n',
    ])
    expect(inputs('ip -batch')[0]).toContain('addr del 10.96.9.9/32')
    const order = ['ipset -exist restore', 'iptables-restore --noflush -w 5', 'ip -batch -', 'ipvsadm -R']
    expect(lines().filter((line, i, all) => order.includes(line) && all.indexOf(line) === i)).toEqual(order)
    said['ip -j link show'] = '[{"ifname":"kube-ipvs0"}]'
    await backend.write({ ports: [], hostPorts })
    expect(inputs('ipvsadm -R').at(-1)).toBe('-D -t 10.96.1.1:80\n')
  })
})

describe('cleanupLeftovers', () => {
  it('removes the table of nftables where another mode works, and nothing where there is none', async () => {
    const { options, said, lines, refused } = arrange()
    await cleanupLeftovers(options.host, 'iptables')
    expect(lines()).toEqual(['nft list tables ip', 'ip -j link show'])
    said['nft list tables ip'] = 'table ip kube-proxy\n'
    await cleanupLeftovers(options.host, 'ipvs')
    expect(lines().at(-1)).toBe('nft delete table ip kube-proxy')
    refused.add('nft list')
    await expect(cleanupLeftovers(options.host, 'ipvs')).resolves.toBeUndefined()
  })

  it('removes the rules of iptables, and virtual servers with their sets, where nftables works', async () => {
    const { options, said, inputs, lines } = arrange()
    said['iptables-save -t nat'] = ':KUBE-SERVICES - [0:0]\n'
    said['ip -j link show'] = '[{"ifname":"kube-ipvs0"}]'
    said['ipset list -name'] = 'KUBE-CLUSTER-IP\ndrydock-x\n'
    await cleanupLeftovers(options.host, 'nftables')
    expect(inputs('iptables-restore')).toEqual(['*nat\n:KUBE-SERVICES - [0:0]\n-X KUBE-SERVICES\nCOMMIT\n'])
    expect(lines().slice(-4)).toEqual(['ipvsadm -C', 'ip link del kube-ipvs0', 'ipset list -name', 'ipset restore'])
    expect(inputs('ipset restore')).toEqual(['destroy KUBE-CLUSTER-IP\n'])
    said['ipset list -name'] = 'drydock-x\n'
    await cleanupLeftovers(options.host, 'nftables')
    expect(inputs('ipset restore')).toHaveLength(1)
  })
})
