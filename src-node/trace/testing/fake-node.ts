import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { systemClock } from '../../../src-kube/machinery/clock.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import type { PodPlace, TraceOptions } from '../options.ts'
import { FILTER, FORWARDING, NAT, NEIGHBOUR, POD_NEIGHBOUR, PORTS, route, VXLAN } from './captured.ts'

/** What a program that stays says, and what it answers to what it is told. */
export interface Speech {
  stderr?: string
  stdout?: string
  answer?(input: Buffer): Buffer | undefined
  /** It ends by itself. */
  ends?: boolean
}

/** A node whose tools say what they are told to, by their whole command line; everything else is as on the first node of the captures. */
export class FakeNode {
  readonly said: Record<string, string> = {
    'ip -br link show master docker0': 'vethaaaaaaaa@if2 UP 92:0b:dc:45:4f:62\nvethcccccccc@if2 UP 92:0b:dc:45:4f:63\n',
    'iptables-save -c -t nat': NAT,
    'iptables-save -c -t filter': FILTER,
    'ip -j addr show': '[{"ifname":"eth0","addr_info":[{"family":"inet","local":"172.28.0.11"}]}]',
    'ip -j route get 10.244.2.7 from 10.244.1.5 iif docker0': route.overlay,
    'ip -j route get 10.244.2.7': route.bridge,
    'ip -j -d link show flannel.1': VXLAN,
    'ip -j neigh show 10.244.2.0 dev flannel.1': NEIGHBOUR,
    'bridge -j fdb show dev flannel.1': FORWARDING,
    'bridge fdb show dev flannel.1':
      '0e:d0:ac:1c:00:0c dst 172.28.0.12 self permanent\n33:33:00:00:00:01 self permanent\n',
    'ip -j neigh show 10.244.2.7 dev docker0': POD_NEIGHBOUR,
    'bridge -j fdb show br docker0': PORTS,
    'bridge fdb show br docker0': '1a:1a:b3:f1:d2:09 dev vethbbbbbbbb master docker0\n',
  }
  readonly files: Record<string, string> = {
    '/pods/p1/resolv.conf':
      'nameserver 10.96.0.10\nsearch default.svc.cluster.local svc.cluster.local\noptions ndots:5\n',
    '/etc/resolv.conf': 'nameserver 127.0.0.11\n',
  }
  readonly commands: string[] = []
  /** By the beginning of what is run, without the way into a namespace. */
  readonly speeches: Array<[begins: string, speech: Speech]> = []
  readonly running = new Set<string>()
  #listeners = 0

  readonly options: TraceOptions = {
    host: {
      run: (command, args) => {
        const line = [command, ...args].join(' ')
        this.commands.push(line)
        return Promise.resolve({ stdout: this.said[line] ?? '', stderr: '' })
      },
      spawn: (command, args) => this.#spawn([command, ...args].join(' ')),
      readFile: (path) => {
        if (path === '/proc/net/netlink') return Promise.resolve(this.#netlink())
        const text = this.files[path]
        return text === undefined ? Promise.reject(new Error(`ENOENT: ${path}`)) : Promise.resolve(text)
      },
    },
    nodeName: 'n1',
    nodeIp: '172.28.0.11',
    bridge: 'docker0',
    find: (_namespace, pod) => this.pods.find((place) => place.pod === pod),
    at: (address) => this.pods.find((place) => place.address === address),
    clock: systemClock,
    random: () => 0.5,
  }

  readonly pods: PodPlace[] = [
    {
      namespace: 'default',
      pod: 'p1',
      pid: 7,
      address: '10.244.1.5',
      link: 'vethaaaaaaaa',
      resolver: '/pods/p1/resolv.conf',
    },
  ]

  /** As the kernel lists its sockets: one more for each that listens. */
  #netlink(): string {
    const row = '00000000c9807ba2 12  370927     00000007 0 0 0 2 0 528'
    return ['sk               Eth Pid        Groups', ...Array<string>(this.#listeners).fill(row)].join('\n')
  }

  #spawn(line: string): ChildProcessWithoutNullStreams {
    this.commands.push(line)
    const plain = line.replace(/^nsenter -t \d+ -n /, '')
    const speech = this.speeches.find(([begins]) => plain.startsWith(begins))?.[1] ?? {}
    const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() }
    const isListening = plain.startsWith('conntrack -E')
    if (isListening) this.#listeners++
    this.running.add(plain)
    const child = Object.assign(new EventEmitter(), streams, {
      kill: () => {
        if (isListening && this.running.has(plain)) this.#listeners--
        this.running.delete(plain)
        return true
      },
    })
    streams.stdin.on('data', (input: Buffer) => {
      const answer = speech.answer?.(input)
      if (answer) streams.stdout.write(answer)
    })
    setImmediate(() => {
      if (speech.stderr) streams.stderr.write(speech.stderr)
      if (speech.stdout) streams.stdout.write(speech.stdout)
      if (speech.ends) setImmediate(() => child.emit('close'))
    })
    return partial<ChildProcessWithoutNullStreams>(child)
  }
}
