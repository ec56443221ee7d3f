import { createServer, type AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import type Dockerode from 'dockerode'
import type { Pod } from '#types/core/v1'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { createHost, type MachineFacts } from '../../host/index.ts'
import { createStreams, type StreamsOptions } from './index.ts'
import type { SummaryOptions } from './stats.ts'

const streamsOf = (more: Partial<StreamsOptions>, docker: object = {}) =>
  createStreams({
    docker: docker as Dockerode,
    nodeName: 'n1',
    logDirectory: '/var/log',
    clusterDns: '10.96.0.10',
    clusterDomain: 'cluster.local',
    probes: () => [],
    own: () => [],
    clock: new FakeClock(),
    host: createHost(),
    find: () => Promise.resolve({ id: 'a', state: 'running' as const }),
    sandboxPid: () => Promise.resolve(undefined),
    pods: () => [],
    mounted: () => [],
    log: () => undefined,
    ...more,
  })
const target = { namespace: 'default', pod: 'p', container: 'c' }

describe('commands in containers', () => {
  /** An engine with one exec whose stream is given, and which has ended with a code by the second look. */
  function engineOf(stream: PassThrough) {
    const asked: unknown[] = []
    let looks = 0
    const exec = {
      start: (options: unknown) => {
        asked.push(options)
        return Promise.resolve(stream)
      },
      inspect: () => Promise.resolve(looks++ > 0 ? { Running: false, ExitCode: 3 } : { Running: true, ExitCode: null }),
      resize: (size: unknown) => {
        asked.push(size)
        return Promise.resolve()
      },
    }
    const container = {
      inspect: () => Promise.resolve({ Config: { Tty: true }, State: { Running: !stream.writableEnded } }),
      attach: (options: unknown) => {
        asked.push(options)
        return Promise.resolve(stream)
      },
      resize: (size: unknown) => {
        asked.push(size)
        return Promise.reject(new Error('not running'))
      },
      exec: (options: unknown) => {
        asked.push(options)
        return Promise.resolve(exec)
      },
    }
    return { docker: { getContainer: () => container }, asked }
  }
  const all = { stdin: true, stdout: true, stderr: true }

  it('have their streams apart and answer with their exit code', async () => {
    const stream = new PassThrough()
    const { docker, asked } = engineOf(stream)
    const session = await streamsOf({}, docker).exec(target, { ...all, command: ['ls'], stdin: false, tty: false })
    stream.end(Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, 2]), Buffer.from('ok')]))
    expect(await text(session.stdout!)).toBe('ok')
    expect(await text(session.stderr!)).toBe('')
    expect(await session.exit).toBe(3)
    expect(session.stdin).toBeUndefined()
    expect(asked[0]).toMatchObject({ Cmd: ['ls'], AttachStdin: false, AttachStdout: true, AttachStderr: true })
  })

  it('have one stream at a terminal, whose size may change', async () => {
    const stream = new PassThrough()
    const { docker, asked } = engineOf(stream)
    const session = await streamsOf({}, docker).exec(target, { ...all, command: ['sh'], tty: true })
    expect(session.stderr).toBeUndefined()
    session.resize(80, 24)
    expect(asked.at(-1)).toEqual({ w: 80, h: 24 })
    session.stdin!.end('typed')
    expect(await text(session.stdout!)).toBe('typed')
    session.close()
    expect(stream.destroyed).toBe(true)
  })

  it('that cannot begin are told of once, in the words that clusters know', async () => {
    const stream = new PassThrough()
    const { docker } = engineOf(stream)
    const session = await streamsOf({}, docker).exec(target, { ...all, command: ['sh'], tty: true })
    const refusal = 'OCI runtime exec failed: executable file `/sh` not found: No such file or directory: unknown\r\n'
    stream.write(refusal)
    stream.end(refusal)
    expect(await text(session.stdout!)).toBe(
      `OCI runtime exec failed: exec failed: unable to start container process: exec: "/sh": stat /sh: no such file or directory: unknown\r\n${refusal}`,
    )
  })

  it('may join the first process, which has no code of its own', async () => {
    const stream = new PassThrough()
    const { docker, asked } = engineOf(stream)
    const session = await streamsOf({}, docker).attach(target, { ...all, stdout: false, tty: false })
    session.resize(80, 24)
    stream.end('dropped')
    expect(await session.exit).toBe(0)
    expect(session.stdout).toBeUndefined()
    expect(asked[0]).toMatchObject({ stream: true, hijack: true, stdin: true })
  })

  it('do not join a first process that has ended meanwhile, whose log has all that it said', async () => {
    const stream = new PassThrough()
    const joining = streamsOf({}, engineOf(stream.end()).docker).attach(target, { ...all, tty: false })
    await expect(joining).rejects.toThrow('unable to upgrade connection: container not found ("c")')
    expect(stream.destroyed).toBe(true)
  })
})

describe('the input of a first process', () => {
  const joined = async (config: object) => {
    const stream = new PassThrough()
    const inspect = () => Promise.resolve({ Config: config, State: { Running: true } })
    const container = { inspect, attach: () => Promise.resolve(stream) }
    const options = { stdin: true, stdout: true, stderr: false, tty: false }
    const session = await streamsOf({}, { getContainer: () => container }).attach(target, options)
    return { stream, session }
  }

  it('ends with who joined it where it is meant to have one writer', async () => {
    const { stream, session } = await joined({ Tty: false, StdinOnce: true })
    await finished(session.stdin!.end('typed'))
    expect(stream.writableEnded).toBe(true)
  })

  it.each([
    { Tty: false, StdinOnce: false },
    { Tty: true, StdinOnce: true },
  ])('stays open otherwise, so that what the process says is heard to its end: %j', async (config) => {
    const { stream, session } = await joined(config)
    const write = vi.spyOn(stream, 'write')
    await finished(session.stdin!.end('typed'))
    expect(String(write.mock.calls[0]?.[0])).toBe('typed')
    expect(stream.writableEnded).toBe(false)
    session.close()
    expect(stream.destroyed).toBe(true)
  })
})

describe('ports', () => {
  const server = createServer((socket) => socket.end('hello'))
  beforeAll(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)))
  afterAll(() => void server.close())
  const port = () => (server.address() as AddressInfo).port

  it('of the node network are dialled as they are', async () => {
    expect(await text(await streamsOf({}).dial('127.0.0.1', port()))).toBe('hello')
    await expect(streamsOf({}).dial('127.0.0.1', 1)).rejects.toThrow('ECONNREFUSED')
  })

  /** A host on which entering a namespace runs this instead. */
  const hostRunning = (script: string) => ({
    ...createHost(),
    spawn: () => createHost().spawn('sh', ['-c', script]),
  })
  const forward = (script: string) =>
    streamsOf({ host: hostRunning(script), sandboxPid: () => Promise.resolve(7) }).portForward(target, 80)

  it('of a pod are reached from inside its namespace', async () => {
    const connection = await forward('echo starting data transfer loop >&2; cat')
    connection.end('ping')
    expect(await text(connection)).toBe('ping')
  })

  it('of a pod that closes its side are closed, though the client has not closed its own', async () => {
    const script = 'echo starting data transfer loop >&2; echo bye; echo "N socket 2 (fd 5) is at EOF" >&2; cat'
    expect(await text(await forward(script))).toBe('bye\n')
  })

  it('that nobody listens on fail as upstream says', async () => {
    await expect(forward('echo Connection refused >&2; exit 1')).rejects.toThrow(
      'error forwarding port 80 to pod p, uid : failed to connect to localhost:80 inside namespace: dial tcp4 127.0.0.1:80: connect: connection refused',
    )
    await expect(forward('echo odd >&2; exit 1')).rejects.toThrow('error forwarding port 80 to pod p, uid : odd')
    await expect(forward('exit 1')).rejects.toThrow('error forwarding port 80 to pod p, uid : the connection ended')
    await expect(streamsOf({}).portForward(target, 80)).rejects.toMatchObject({ code: 404 })
  })
})

it('the pods of the node are told as a list', async () => {
  const pod = partial<Pod>({ metadata: { name: 'p', uid: 'u' }, spec: { containers: [] } })
  expect(await streamsOf({ pods: () => [pod] }).pods!()).toEqual({
    kind: 'PodList',
    apiVersion: 'v1',
    metadata: {},
    items: [pod],
  })
})

describe('images', () => {
  const load = (...lines: object[]) => {
    const progress = Readable.from([Buffer.from(`${lines.map((line) => JSON.stringify(line)).join('\n')}\n`)])
    return streamsOf({}, { loadImage: () => Promise.resolve(progress) }).loadImage(Readable.from([]))
  }

  it('of an archive are loaded and named', async () => {
    const names = await load(
      { status: 'x' },
      { stream: 'Loaded image: a:1\n' },
      { stream: 'Loaded image ID: sha256:b' },
    )
    expect(names).toEqual(['a:1', 'sha256:b'])
    await expect(load({ error: 'no space left' })).rejects.toThrow('no space left')
  })
})

const readerOf = (files: Record<string, string>) => (path: string) =>
  path in files ? Promise.resolve(files[path]!) : Promise.reject(Object.assign(new Error(path), { code: 'ENOENT' }))

describe('statistics', () => {
  const label = (pod: string, container: string) => ({
    'io.kubernetes.pod.uid': pod,
    'io.kubernetes.pod.name': pod,
    'io.kubernetes.pod.namespace': 'ns',
    'io.kubernetes.container.name': container,
  })
  const listed = [
    { Id: 'box', Created: 0, Labels: label('u', 'POD'), Image: 'pause', Names: ['/k8s_POD_u'] },
    { Id: 'c', Created: 0, Labels: label('u', 'c'), Image: 'busybox', Names: ['/k8s_c_u'], SizeRw: 30 },
    { Id: 'gone', Created: 0, Labels: label('v', 'c'), Image: 'busybox', Names: [] },
  ]
  const docker = {
    listContainers: () => Promise.resolve(listed),
  }
  const USAGE = '/sys/fs/cgroup/cpuacct/cpuacct.usage'
  const usageOf = (id: string): string => USAGE.replace('/cpuacct.usage', `/docker/${id}/cpuacct.usage`)
  const memoryOf = (id: string, file: string): string => `/sys/fs/cgroup/memory/docker/${id}/memory.${file}`
  const files: Record<string, string> = {
    [USAGE]: '4000',
    [usageOf('box')]: '0',
    [memoryOf('box', 'usage_in_bytes')]: '100',
    [memoryOf('box', 'limit_in_bytes')]: '9223372036854771712',
    [memoryOf('box', 'stat')]: 'total_inactive_file 10\ntotal_rss 5\ntotal_pgfault 2',
    [usageOf('c')]: '0',
    [memoryOf('c', 'usage_in_bytes')]: '1000',
    [memoryOf('c', 'limit_in_bytes')]: '2000',
    [memoryOf('c', 'stat')]: 'inactive_file 1\ntotal_inactive_file 400\ntotal_rss 50\ntotal_cache 300',
    '/proc/net/dev':
      ' face |bytes packets errs\n    lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\nvethbox: 9 2 1 0 0 0 0 0 7 3 0 0 0 0 0 0\n',
    '/sys/fs/cgroup/memory/memory.usage_in_bytes': '900',
    '/sys/fs/cgroup/pids/docker/c/pids.current': '4\n',
    '/sys/fs/cgroup/pids/pids.max': '500\n',
    '/sys/fs/cgroup/pids/pids.current': '70\n',
    '/sys/fs/cgroup/memory/memory.stat': 'total_inactive_file 200',
  }
  const host = {
    ...createHost(),
    run: () => Promise.resolve({ stdout: '', stderr: '' }),
    disk: () => Promise.resolve({ total: 100, free: 40, inodes: { total: 9, free: 7 } }),
    facts: () => Promise.resolve({ memory: 10_000 } as MachineFacts),
    readFile: readerOf(files),
  }
  function arrange(from: StreamsOptions['host'] = host, asked: SummaryOptions = {}) {
    const clock = new FakeClock()
    const streams = streamsOf({ host: from, clock }, docker)
    /** Answers once the first sample is taken. */
    const ask = async (): Promise<{ answer: Promise<unknown> }> => {
      const answer = streams.statsSummary(asked)
      await clock.advance(0)
      return { answer }
    }
    return { clock, ask }
  }
  /** What is told when nothing of the node changes while it is measured. */
  async function summary(from?: StreamsOptions['host'], asked?: SummaryOptions): Promise<unknown> {
    const { ask, clock } = arrange(from, asked)
    Object.assign(files, { [usageOf('box')]: '0', [usageOf('c')]: '0' })
    const { answer } = await ask()
    Object.assign(files, { [usageOf('box')]: '10', [usageOf('c')]: '500' })
    await clock.advance(1000)
    return answer
  }

  it('sum up what containers use, on either version of control groups', async () => {
    expect(await summary()).toMatchObject({
      node: {
        nodeName: 'n1',
        cpu: { usageCoreNanoSeconds: 4000, usageNanoCores: 0 },
        memory: { usageBytes: 900, workingSetBytes: 700, availableBytes: 9_300 },
        fs: { capacityBytes: 100, availableBytes: 40, usedBytes: 60, inodes: 9, inodesFree: 7, inodesUsed: 2 },
        rlimit: { maxpid: 500, curproc: 70 },
        systemContainers: [{ name: 'pods', cpu: { usageCoreNanoSeconds: 510 }, memory: { workingSetBytes: 690 } }],
        runtime: { imageFs: { capacityBytes: 100 }, containerFs: { capacityBytes: 100 } },
      },
      pods: [
        {
          podRef: { name: 'u', namespace: 'ns', uid: 'u' },
          cpu: { usageNanoCores: 510, usageCoreNanoSeconds: 510 },
          memory: { usageBytes: 1100, workingSetBytes: 690, rssBytes: 55, pageFaults: 2 },
          network: { name: 'eth0', rxBytes: 7, txBytes: 9, txErrors: 1, interfaces: [{ name: 'eth0' }] },
          containers: [
            {
              name: 'c',
              memory: { usageBytes: 1000, workingSetBytes: 600, availableBytes: 1_400 },
              rootfs: { capacityBytes: 100, usedBytes: 30 },
              logs: { capacityBytes: 100, usedBytes: 0, inodesUsed: 0 },
            },
          ],
          'ephemeral-storage': { capacityBytes: 100, usedBytes: 30, inodesUsed: 0 },
          process_stats: { process_count: 4 },
        },
      ],
    })
  })

  it('tell no more than processors and memory when no more is asked for', async () => {
    const { node, pods } = (await summary(undefined, { onlyCpuAndMemory: true })) as Record<string, object>
    expect(Object.keys(node!)).toEqual(['nodeName', 'cpu', 'memory'])
    const [pod] = pods as Array<{ containers: object[] }>
    expect(Object.keys(pod!)).toEqual(['podRef', 'startTime', 'containers', 'cpu', 'memory', 'network'])
    expect(Object.keys(pod!.containers[0]!)).toEqual(['name', 'startTime', 'cpu', 'memory'])
  })

  it('of the node are rates from the first question on, over a second however often it is asked', async () => {
    const { ask, clock } = arrange()
    const first = await ask()
    await clock.advance(400)
    files[USAGE] = String(4000 + 600_000_000)
    const second = await ask()
    await clock.advance(600)
    expect(await first.answer).toMatchObject({ node: { cpu: { usageNanoCores: 600_000_000 } } })
    files[USAGE] = String(4000 + 850_000_000)
    await clock.advance(400)
    expect(await second.answer).toMatchObject({
      node: { cpu: { time: '2026-01-01T00:00:01.400Z', usageNanoCores: 250_000_000 } },
    })
    files[USAGE] = '4000'
  })

  it('count what the second version of control groups counts of the node', async () => {
    const v2: Record<string, string> = {
      '/proc/net/dev': '',
      '/sys/fs/cgroup/cpu.stat': 'usage_usec 7\nuser_usec 5',
      '/sys/fs/cgroup/memory.current': '5000',
      '/sys/fs/cgroup/memory.stat': 'active_file 1\ninactive_file 1200\nanon 3',
    }
    expect(await summary({ ...host, readFile: readerOf(v2) })).toMatchObject({
      node: { cpu: { usageCoreNanoSeconds: 7000 }, memory: { usageBytes: 5000, workingSetBytes: 3800 } },
    })
  })

  it('are told to the metrics server, and what runs to Prometheus', async () => {
    const { metrics } = streamsOf({ host }, docker)
    const text = await metrics!('resource')
    expect(text?.split('\n').filter((line) => line && !line.startsWith('#'))).toEqual([
      'container_cpu_usage_seconds_total{container="c",namespace="ns",pod="u"} 5e-7',
      'container_memory_working_set_bytes{container="c",namespace="ns",pod="u"} 600',
      'container_start_time_seconds{container="c",namespace="ns",pod="u"} 0',
      expect.stringMatching(/^node_cpu_usage_seconds_total [\d.]+$/),
      'node_memory_working_set_bytes 700',
      'pod_cpu_usage_seconds_total{namespace="ns",pod="u"} 5.1e-7',
      'pod_memory_working_set_bytes{namespace="ns",pod="u"} 690',
      'resource_scrape_error 0',
    ])
    expect(text).toContain('# TYPE node_memory_working_set_bytes gauge\n')
    expect(await metrics!('')).toContain('kubelet_running_pods 1\n')
    expect(await metrics!('')).toContain('kubelet_running_containers{container_state="running"} 1\n')
    expect(await metrics!('')).toContain('kubelet_node_name{node="n1"} 1\n')
    for (const page of ['odd', 'constructor']) expect(await metrics!(page)).toBeUndefined()
  })

  it('are told under the names that cAdvisor gives them', async () => {
    const text = await streamsOf({ host }, docker).metrics!('cadvisor')
    const c = 'container="c",id="/docker/c",image="busybox",name="k8s_c_u",namespace="ns",pod="u"'
    const box = 'container="POD",id="/docker/box",image="pause",name="k8s_POD_u",namespace="ns",pod="u"'
    for (const line of [
      `container_memory_working_set_bytes{${c}} 600`,
      `container_memory_working_set_bytes{${box}} 90`,
      `container_network_receive_bytes_total{${box},interface="eth0"} 7`,
      `container_network_receive_packets_total{${box},interface="eth0"} 3`,
      `container_memory_cache{${c}} 300`,
      `container_processes{${c}} 4`,
      `container_fs_usage_bytes{${c},device="/dev/root"} 30`,
      `container_fs_limit_bytes{${c},device="/dev/root"} 100`,
      `container_fs_inodes_free{${c},device="/dev/root"} 7`,
      `container_last_seen{${c}} ${Date.parse('2026-01-01T00:00:00Z') / 1000}`,
    ])
      expect(text).toContain(`${line}\n`)
    expect(text).not.toContain('k8s_gone')
    expect(text, 'a kernel that tells of no pressure').not.toContain('container_pressure')
    expect(text).toContain('machine_memory_bytes 10000\n')
  })

  it('tell how long a container waited for processors, where the kernel does', async () => {
    const file = '/sys/fs/cgroup/docker/c/cpu.pressure'
    files[file] =
      'some avg10=0.00 avg60=0.00 avg300=0.00 total=2500000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n'
    const text = await streamsOf({ host }, docker).metrics!('cadvisor')
    delete files[file]
    const c = 'container="c",id="/docker/c",image="busybox",name="k8s_c_u",namespace="ns",pod="u"'
    expect(text).toContain(`container_pressure_cpu_waiting_seconds_total{${c}} 2.5\n`)
    expect(text).toContain(`container_pressure_cpu_stalled_seconds_total{${c}} 0\n`)
  })

  it('of probes are how often each came to which result', async () => {
    const pod = { metadata: { name: 'p', namespace: 'ns', uid: 'u' } } as Pod
    const counts = [{ pod, container: 'c', kind: 'liveness', result: 'failed', count: 3 }] as const
    const text = await streamsOf({ host, probes: () => counts }, docker).metrics!('probes')
    expect(text).toContain(
      'prober_probe_total{container="c",namespace="ns",pod="p",pod_uid="u",probe_type="Liveness",result="failed"} 3\n',
    )
  })

  it('fail with the engine', async () => {
    const closed = { ...docker, listContainers: () => Promise.reject(new Error('socket closed')) }
    await expect(streamsOf({ host }, closed).statsSummary()).rejects.toThrow('socket closed')
  })
})
