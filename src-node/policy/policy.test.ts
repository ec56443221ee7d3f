import { beforeEach, describe, expect, it } from 'vitest'
import type { NetworkPolicyDocument } from '../../src-wire/node/network-policy.ts'
import { NetworkPolicies } from './index.ts'

const empty: NetworkPolicyDocument = { peers: {}, ports: {}, rules: {}, pods: [] }
const some: NetworkPolicyDocument = {
  peers: { a: ['10.244.1.3'] },
  ports: {},
  rules: { r: [{ peers: ['a'] }] },
  pods: [{ ip: '10.244.1.2', name: 'default/web', ingress: 'r' }],
}

let ran: string[]
/** What commands print, by their beginning. */
let prints: Record<string, string>
/** Why commands fail, by their beginning or what they read. */
let fails: Record<string, string>
let told: string[]
let policies: NetworkPolicies

beforeEach(() => {
  ran = []
  prints = {}
  fails = {}
  told = []
  policies = create()
})

const create = () =>
  new NetworkPolicies({ host: { run }, dnsAddress: '10.96.0.10', log: (message) => void told.push(message) })

function run(command: string, args: readonly string[], options?: { stdin?: string }): Promise<{ stdout: string }> {
  const words = [command, ...args].join(' ')
  const text = `${words}\n${options?.stdin ?? ''}`
  ran.push(text)
  const failure = Object.entries(fails).find(([part]) => text.includes(part))
  if (failure) return Promise.reject(new Error(failure[1]))
  return Promise.resolve({ stdout: prints[words] ?? '' })
}

/** The commands since the last look, without their input. */
const commands = (): string[] => ran.splice(0).map((text) => text.split('\n')[0]!)
/** The last input of a command, in lines. */
const lastInput = (texts: readonly string[], command: string): string[] =>
  texts.findLast((text) => text.startsWith(command))!.split('\n')
const restored = (): string[] => ran.splice(0).filter((text) => text.startsWith('iptables-restore'))

describe('the network policies of a node', () => {
  it('look once whether an earlier agent has left something, and then leave a node without policies alone', async () => {
    await policies.enforce(empty)
    expect(commands()).toEqual(['iptables -w 5 -S', 'ipset list -name'])
    await policies.enforce(empty)
    await policies.stayFirst()
    expect(commands()).toEqual([])
  })

  it('fill sets before the rules that name them, and write nothing twice', async () => {
    await policies.enforce(empty)
    commands()
    prints['ipset list -name'] = 'drydock-np-trial\nother\n'
    await policies.enforce(some)
    expect(commands()).toEqual([
      'ipset -exist restore',
      'iptables-restore --noflush -w 5',
      'ipset list -name',
      'ipset -exist restore',
      'iptables -w 5 -S FORWARD',
      'iptables -w 5 -S INPUT',
      'iptables-restore --noflush -w 5',
      'ipset restore',
    ])
    prints['iptables -w 5 -S FORWARD'] = '-A FORWARD -j DRYDOCK-NP\n'
    prints['iptables -w 5 -S INPUT'] = '-A INPUT -j DRYDOCK-NP-DNS\n'
    await policies.enforce(some)
    expect(commands()).toEqual(['iptables -w 5 -S FORWARD', 'iptables -w 5 -S INPUT'])
  })

  it('find that their rules were flushed, and write all again', async () => {
    await policies.enforce(some)
    const [first] = restored().slice(-1)
    await policies.repair()
    expect(restored()).toEqual([first])
    expect(told.at(-1)).toMatch(/^network policies: \d+ chains or sets are missing and are written again$/)
  })

  it('fill a set again that somebody emptied', async () => {
    await policies.enforce(some)
    const saved = lastInput(ran, 'iptables-restore').filter((line) => /^[:-]/.test(line))
    prints['iptables -w 5 -S'] = saved.map((line) => line.replace(/^:(\S+).*/, '-N $1')).join('\n')
    const named = (entries: number) => `Name: drydock-np-a\nType: hash:net\nNumber of entries: ${entries}\n`
    prints['ipset list -terse'] = named(1)
    ran = []
    await policies.repair()
    expect(ran.filter((text) => text.startsWith('ipset -exist restore'))).toEqual([])
    prints['ipset list -terse'] = named(0)
    await policies.repair()
    expect(ran.filter((text) => text.startsWith('ipset -exist restore')).join()).toContain('10.244.1.3')
  })

  it('look for nothing on a node without policies', async () => {
    await policies.enforce(empty)
    commands()
    await policies.repair()
    expect(commands()).toEqual([])
  })

  it('change a set alone when only its addresses change', async () => {
    await policies.enforce(some)
    prints['iptables -w 5 -S FORWARD'] = '-A FORWARD -j DRYDOCK-NP\n'
    prints['iptables -w 5 -S INPUT'] = '-A INPUT -j DRYDOCK-NP-DNS\n'
    ran = []
    await policies.enforce({ ...some, peers: { a: ['10.244.1.4'] } })
    expect(ran[0]).toContain('add drydock-np-a-new 10.244.1.4')
    expect(restored()).toEqual([])
  })

  it('write all anew after a failure, whose words they give', async () => {
    await policies.enforce(some)
    fails['iptables-restore'] = 'line 3 failed'
    await expect(policies.enforce({ ...some, rules: { r: [] } })).rejects.toThrow('line 3 failed')
    fails = {}
    prints['iptables -w 5 -S'] = '-N DRYDOCK-NP\n-N DRYDOCK-NP-I-old\n'
    ran = []
    await policies.enforce({ ...some, rules: { r: [] } })
    const [written] = restored()
    expect(written).toContain('-A DRYDOCK-NP-I-r -j DROP')
    expect(written).toContain('-X DRYDOCK-NP-I-old')
  })

  it('leave for later a set that the kernel still counts as used', async () => {
    await policies.enforce(some)
    fails['ipset restore'] = 'Set cannot be destroyed: it is in use by a kernel component'
    prints['ipset list -name'] = 'drydock-np-a\n'
    prints['iptables -w 5 -S FORWARD'] = ''
    await policies.enforce(empty)
    fails = {}
    ran = []
    await policies.enforce(empty)
    expect(ran).toEqual(['ipset restore\ndestroy drydock-np-a\n'])
    fails['ipset restore'] = 'Permission denied'
    await policies.enforce(some)
    await expect(policies.enforce(empty)).rejects.toThrow('Permission denied')
  })

  it.each(['ipset', '--match-set'])(
    'do with a rule for each address where %s does not work, and say why',
    async (part) => {
      fails[part] = 'no such thing'
      await policies.enforce(some)
      expect(restored().at(-1)).toContain('-A DRYDOCK-NP-I-r -s 10.244.1.3 -j RETURN')
      expect(told).toEqual([
        'network policies: no sets of addresses here, a rule for each address instead: no such thing',
      ])
    },
  )

  it('apply one document after the other, the last of them last', async () => {
    await Promise.all([policies.enforce(some), policies.enforce(empty)])
    expect(restored().at(-1)).toContain('-X DRYDOCK-NP')
  })
})
