/** What users do to single pods, on one real node with real kubectl: terminals, images, hurried ends, wrong commands, debugging, budgets. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Container, Node, Pod, PodSpec, Service } from '#types/core/v1'
import { TestCluster } from '../helpers/cluster.ts'
import { command, type CommandResult } from '../helpers/command.ts'
import { eventually } from '../helpers/eventually.ts'
import { buildTestImages } from '../helpers/images.ts'

const cluster = new TestCluster('pods')
const program = (version: string): string => join(import.meta.dirname, '../../.cache/clients', `kubectl-${version}`)

beforeAll(async () => {
  buildTestImages()
  await cluster.drydock('up', '--nodes', '1', '--detach')
})
afterAll(() => cluster.delete())

/** Creates a pod of one busybox container, or what is given instead. */
async function run(name: string, container: Partial<Container>, spec: Partial<PodSpec> = {}): Promise<void> {
  const file = join(cluster.data, `${name}.json`)
  const containers = [{ name: 'c', image: 'busybox', imagePullPolicy: 'IfNotPresent', ...container }]
  const labels = { app: name }
  writeFileSync(
    file,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels },
      spec: { terminationGracePeriodSeconds: 1, containers, ...spec },
    }),
  )
  await cluster.k('apply', '-f', file)
}
const sleeping = { command: ['sleep', '3600'] }
const podOf = (name: string): Promise<Pod> => cluster.json<Pod>('get', 'pod', name)
const statusOf = async (name: string) => (await podOf(name)).status?.containerStatuses?.[0]
const isReady = (name: string): Promise<string> =>
  cluster.k('wait', `pod/${name}`, '--for=condition=Ready', '--timeout=60s')

describe('pods on a real node', () => {
  it.each(['1.32', '1.36'])('give kubectl %s a terminal, and the exit code of what ran in it', async (version) => {
    await run('shell', sleeping)
    await isReady('shell')
    const typed = `${program(version)} exec -it shell -- sh -c 'tty; exit 3'`
    const { code, stdout } = await command('script', ['-qec', typed, '/dev/null'], {
      env: { KUBECONFIG: cluster.kubeconfig },
    })
    expect(stdout).toMatch(/^\/dev\/pts\/\d+\r?\n/)
    expect(code).toBe(3)
  })

  it('run images that the desktop loads onto the nodes, and name those it does not have', async () => {
    await cluster.drydock('image', 'load', 'k8s-demo:0.0.1-SNAPSHOT')
    expect((await cluster.onNode('n1', 'docker', 'image', 'inspect', 'k8s-demo:0.0.1-SNAPSHOT')).code).toBe(0)
    await expect(cluster.drydock('image', 'load', 'no-such-image:1')).rejects.toThrow('no-such-image:1')
    await run('loaded', { image: 'k8s-demo:0.0.1-SNAPSHOT', imagePullPolicy: 'Never' })
    await isReady('loaded')
  })

  it('have one shim for all their containers, and reach themselves through their Service', async () => {
    const serve = { name: 'serve', command: ['sh', '-c', 'echo me > /tmp/index.html; httpd -f -p 8080 -h /tmp'] }
    const containers = [serve, { name: 'rest', ...sleeping }].map((one) => ({ image: 'busybox', ...one }))
    await run('itself', {}, { containers: containers.map((one) => ({ ...one, imagePullPolicy: 'IfNotPresent' })) })
    await isReady('itself')
    await cluster.k('expose', 'pod', 'itself', '--port', '80', '--target-port', '8080')
    const { clusterIP } = (await cluster.json<Service>('get', 'service', 'itself')).spec!
    const ask = ['wget', '-qO-', `http://${clusterIP}/`]
    const asked = () => cluster.k('exec', 'itself', '-c', 'rest', '--', ...ask)
    await eventually('the pod answers itself', asked, (text) => text === 'me\n')
    const onNode = async (script: string) => (await cluster.onNode('n1', 'sh', '-c', script)).stdout.trim()
    const group = await onNode(
      `docker inspect -f '{{index .HostConfig.Annotations "io.containerd.runc.v2.group"}}' $(docker ps -q -f name=_itself_) | sort -u`,
    )
    expect(group).toMatch(/^k8s_POD_itself_default_[0-9a-f-]+_0$/)
    expect(await onNode('pgrep -c containerd-shim')).toBe(
      await onNode('docker ps -q -f label=io.kubernetes.docker.type=podsandbox | wc -l'),
    )
  })

  it('end a forwarded connection when they have said all, though the client keeps its side open', async () => {
    const forward = cluster.spawnKubectl('1.36', 'port-forward', 'pod/itself', ':8080')
    try {
      const [said] = (await once(forward.stdout!, 'data')) as [Buffer]
      const port = Number(/127\.0\.0\.1:(\d+)/.exec(said.toString())?.[1])
      const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
      socket.write('GET /index.html HTTP/1.0\r\n\r\n')
      expect(await text(socket)).toMatch(/\r\n\r\nme\n$/)
    } finally {
      forward.kill()
    }
  })

  it('are counted by drydock status, in words and as JSON', async () => {
    expect((await cluster.drydock('status')).stdout).toMatch(/^n1\s+running\s+yes\s/m)
    const status = JSON.parse((await cluster.drydock('status', '--json')).stdout) as { nodes: Array<{ name: string }> }
    expect(status.nodes.map(({ name }) => name)).toEqual(['n1'])
  })

  it('restart the container whose image changes', async () => {
    await run('changing', sleeping)
    await isReady('changing')
    await cluster.k('set', 'image', 'pod/changing', 'c=k8s-demo:0.0.1-SNAPSHOT')
    await eventually(
      'the new image to run',
      () => statusOf('changing'),
      (status) =>
        status?.restartCount === 1 && status.image.includes('k8s-demo') && status.state?.running !== undefined,
    )
    expect(await cluster.k('get', 'events', '--field-selector=involvedObject.name=changing')).toContain(
      'Container c definition changed, will be restarted',
    )
  })

  it('end at once when their long goodbye is hurried', async () => {
    await run(
      'stubborn',
      { command: ['sh', '-c', 'trap "" TERM; while :; do sleep 1; done'] },
      { terminationGracePeriodSeconds: 300 },
    )
    await isReady('stubborn')
    await cluster.k('delete', 'pod', 'stubborn', '--wait=false')
    const begun = performance.now()
    await cluster.k('delete', 'pod', 'stubborn', '--now')
    expect(performance.now() - begun).toBeLessThan(20_000)
    const left = await cluster.onNode('n1', 'docker', 'ps', '-q', '--filter', 'label=io.kubernetes.pod.name=stubborn')
    expect(left.stdout).toBe('')
  })

  it('say why a command cannot be run, and wait longer each time', async () => {
    await run('wrong', { command: ['/no/such/program'] })
    const status = await eventually(
      'the second attempt',
      () => statusOf('wrong'),
      (now) => (now?.restartCount ?? 0) >= 1 && now?.lastState?.terminated !== undefined,
    )
    expect(status?.lastState?.terminated).toMatchObject({ reason: 'StartError', exitCode: 128 })
    expect(status?.lastState?.terminated?.message).toContain('no such file or directory')
    expect(await cluster.k('get', 'pod', 'wrong')).toMatch(/RunContainerError|CrashLoopBackOff/)
  })

  it('refuse to run as root what must not', async () => {
    await run('rooted', sleeping, { securityContext: { runAsNonRoot: true } })
    const status = await eventually(
      'the refusal',
      () => statusOf('rooted'),
      (now) => now?.state?.waiting?.reason === 'CreateContainerConfigError',
    )
    expect(status?.state?.waiting?.message).toContain('container has runAsNonRoot and image will run as root')
  })

  it('leave their last words', async () => {
    await run(
      'talking',
      { command: ['sh', '-c', 'echo why > /dev/termination-log; exit 4'] },
      { restartPolicy: 'Never' },
    )
    const status = await eventually(
      'the end',
      () => statusOf('talking'),
      (now) => now?.state?.terminated !== undefined,
    )
    expect(status?.state?.terminated).toMatchObject({ exitCode: 4, reason: 'Error', message: 'why\n' })
  })

  it('can be looked into by kubectl debug', async () => {
    await run('patient', sleeping)
    await isReady('patient')
    const args = [
      'debug',
      'patient',
      '--image=busybox',
      '--target=c',
      '-c',
      'doctor',
      '--',
      'sh',
      '-c',
      'ps | grep -c "sleep 3600"',
    ]
    await cluster.k(...args)
    await eventually(
      'the doctor to finish',
      async () => (await podOf('patient')).status?.ephemeralContainerStatuses?.[0],
      (status) => status?.state?.terminated?.exitCode === 0,
    )
    expect(Number(await cluster.k('logs', 'patient', '-c', 'doctor'))).toBeGreaterThanOrEqual(1)
  })

  it('are kept from a drain by their disruption budget, in the words of Kubernetes', async () => {
    await cluster.k('create', 'deployment', 'guarded', '--image=busybox', '--', 'sleep', '3600')
    await cluster.k('rollout', 'status', 'deployment/guarded', '--timeout=60s')
    await cluster.k('create', 'pdb', 'guard', '--selector=app=guarded', '--min-available=1')
    const guarded = (await cluster.k('get', 'pods', '-l', 'app=guarded', '-o', 'name')).trim().replace('pod/', '')
    const evict = (): Promise<CommandResult> =>
      cluster.kubectl('1.36', 'drain', 'n1', '--pod-selector=app=guarded', '--grace-period=1', '--timeout=5s')
    await eventually('the budget to be counted', evict, ({ stderr }) =>
      stderr.includes("Cannot evict pod as it would violate the pod's disruption budget."),
    )
    await cluster.k('delete', 'pdb', 'guard')
    expect((await evict()).stdout).toContain(`pod/${guarded} evicted`)
    await cluster.k('uncordon', 'n1')
  })

  it('answer at a port of their node, also at its loopback address and from one that is not', async () => {
    const serving = { command: ['sh', '-c', 'echo here > /tmp/index.html; httpd -f -p 8080 -h /tmp'] }
    await run('ported', { ...serving, ports: [{ containerPort: 8080, hostPort: 8083 }] }, { nodeName: 'n1' })
    await isReady('ported')
    const node = await cluster.json<Node>('get', 'node', 'n1')
    const address = node.status!.addresses!.find(({ type }) => type === 'InternalIP')!.address
    const get = "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | timeout 5 socat -t 2 -"
    for (const to of ['127.0.0.1:8083', `127.0.0.1:8083,bind=${address}`, `${address}:8083`])
      expect((await cluster.onNode('n1', 'sh', '-c', `${get} TCP:${to}`)).stdout).toContain('here')
  })

  it('are given resources that somebody wrote into the capacity of their node', async () => {
    const capacity = (amount: string | null): Promise<string> => {
      const patch = JSON.stringify({ status: { capacity: { 'example.com/dongle': amount } } })
      return cluster.k('patch', 'node', 'n1', '--subresource=status', '--type=merge', '-p', patch)
    }
    await capacity('1')
    const asking = { ...sleeping, resources: { limits: { 'example.com/dongle': '1' } } }
    await run('plugged', asking)
    await isReady('plugged')
    expect((await podOf('plugged')).spec.nodeName).toBe('n1')
    await run('unplugged', asking)
    const refused = ['wait', 'pod/unplugged', '--for=condition=PodScheduled=False', '--timeout=30s']
    expect(await cluster.k(...refused)).toContain('condition met')
    await capacity(null)
  })

  it('are refused for good by a node that they do not fit, which says why', async () => {
    const port = (hostPort: number) => ({ ports: [{ containerPort: 80, hostPort }] })
    const bound = { nodeName: 'n1' }
    await run('first', { ...sleeping, ...port(8081) }, bound)
    await isReady('first')
    await run('clash', { ...sleeping, ...port(8081) }, bound)
    await run('huge', { ...sleeping, resources: { requests: { cpu: '1000' } } }, bound)
    await run('elsewhere', sleeping, { ...bound, nodeSelector: { disk: 'tape' } })
    for (const [name, reason, words] of [
      ['clash', 'NodePorts', "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"],
      ['huge', 'OutOfcpu', "Node didn't have enough resource: cpu, requested: 1000000, used: "],
      ['elsewhere', 'NodeAffinity', "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"],
    ] as const) {
      const status = await eventually(
        `${name} to be refused`,
        async () => (await podOf(name)).status,
        (now) => now?.phase === 'Failed',
      )
      expect(status).toMatchObject({ reason, message: expect.stringContaining(`Pod was rejected: ${words}`) as string })
      expect(status).not.toHaveProperty('containerStatuses')
      expect(await cluster.k('get', 'pod', name, '--no-headers')).toContain(reason)
    }
  })

  it('get more as they run, and wait for what is not there', async () => {
    const limits = (cpu: string) => ({ limits: { cpu, memory: '64Mi' }, requests: { cpu, memory: '64Mi' } })
    await run('growing', { ...sleeping, resources: limits('100m') })
    await isReady('growing')
    const resize = (cpu: string): Promise<string> => {
      const patch = JSON.stringify({ spec: { containers: [{ name: 'c', resources: limits(cpu) }] } })
      return cluster.k('patch', 'pod', 'growing', '--subresource=resize', '-p', patch)
    }
    await resize('200m')
    await eventually(
      'the new limit',
      () => statusOf('growing'),
      (now) => now?.resources?.limits?.['cpu'] === '200m',
    )
    const { containerID, restartCount } = (await statusOf('growing'))!
    expect(restartCount).toBe(0)
    const id = containerID!.replace('docker://', '')
    const quota = await cluster.onNode('n1', 'docker', 'inspect', '-f', '{{.HostConfig.CpuQuota}}', id)
    expect(quota.stdout.trim()).toBe('20000')
    await expect(resize('1000')).rejects.toThrow("node didn't have enough allocatable resources: cpu")
    // All of the node, of which another pod has some.
    await run('beside', { ...sleeping, resources: limits('100m') })
    await isReady('beside')
    const all = (await cluster.json<Node>('get', 'node', 'n1')).status?.allocatable?.['cpu'] ?? ''
    await resize(all)
    const status = await eventually(
      'the word that it waits',
      async () => (await podOf('growing')).status,
      (now) => now?.conditions?.some(({ type }) => type === 'PodResizePending') ?? false,
    )
    expect(status?.conditions?.find(({ type }) => type === 'PodResizePending')).toMatchObject({ reason: 'Deferred' })
    expect(status?.containerStatuses?.[0]?.resources?.limits?.['cpu']).toBe('200m')
    await resize('200m')
    await eventually(
      'nothing to wait for',
      async () => (await podOf('growing')).status,
      (now) => now?.conditions?.every(({ type }) => type !== 'PodResizePending') ?? false,
    )
    await cluster.k('delete', 'pod', 'beside')
  })

  it('see what is in an image as a volume, and cannot change it', async () => {
    await run(
      'reader',
      { ...sleeping, volumeMounts: [{ name: 'box', mountPath: '/box' }] },
      { volumes: [{ name: 'box', image: { reference: 'busybox', pullPolicy: 'IfNotPresent' } }] },
    )
    await isReady('reader')
    expect(await cluster.k('exec', 'reader', '--', 'ls', '/box/bin')).toContain('busybox')
    const { code, stderr } = await cluster.kubectl('1.36', 'exec', 'reader', '--', 'touch', '/box/new')
    expect(code).not.toBe(0)
    expect(stderr).toContain('Read-only file system')
    await cluster.k('delete', 'pod', 'reader', '--now')
    expect((await cluster.onNode('n1', 'sh', '-c', 'mount | grep -c kubernetes.io~image')).stdout.trim()).toBe('0')
  })

  it('are evicted when they put more into a volume than it may have', async () => {
    await run(
      'greedy',
      {
        command: ['sh', '-c', 'head -c 5000000 /dev/zero >/v/f; sleep 3600'],
        volumeMounts: [{ name: 'v', mountPath: '/v' }],
      },
      { volumes: [{ name: 'v', emptyDir: { sizeLimit: '1Mi' } }] },
    )
    const status = await eventually(
      'the eviction',
      async () => (await podOf('greedy')).status,
      (now) => now?.phase === 'Failed',
    )
    expect(status).toMatchObject({
      reason: 'Evicted',
      message: 'Usage of EmptyDir volume "v" exceeds the limit "1Mi". ',
    })
    expect(status?.conditions?.find(({ type }) => type === 'DisruptionTarget')).toMatchObject({
      reason: 'TerminationByKubelet',
    })
  })

  it('take variables from a file that an init container writes, and end when their sidecar has ended too', async () => {
    const mounted = { volumeMounts: [{ name: 'v', mountPath: '/v' }] }
    const fileKeyRef = { volumeName: 'v', path: 'app.env', key: 'MODE' }
    await run(
      'served',
      { command: ['sh', '-c', 'echo mode=$MODE'], env: [{ name: 'MODE', valueFrom: { fileKeyRef } }] },
      {
        restartPolicy: 'Never',
        volumes: [{ name: 'v', emptyDir: {} }],
        initContainers: [
          { name: 'write', image: 'busybox', command: ['sh', '-c', `echo "MODE='fast'" > /v/app.env`], ...mounted },
          { name: 'side', image: 'busybox', restartPolicy: 'Always', ...sleeping },
        ],
      },
    )
    const status = await eventually(
      'the pod to end',
      async () => (await podOf('served')).status,
      (now) => now?.phase === 'Succeeded',
    )
    expect(status?.initContainerStatuses?.[1]?.state?.terminated).toBeDefined()
    expect(await cluster.k('logs', 'served')).toBe('mode=fast\n')
    // Where collectors of logs look for it.
    const collected = await cluster.onNode('n1', 'sh', '-c', 'cat /var/log/containers/served_default_c-*.log')
    expect(collected.stdout).toContain('mode=fast')
  })
})

describe('an engine that hangs', () => {
  it('is told of by its node in the words of Kubernetes, and by events, until it answers again', async () => {
    const ready = async () =>
      (await cluster.json<Node>('get', 'node', 'n1')).status?.conditions?.find(({ type }) => type === 'Ready')
    await cluster.onNode('n1', 'pkill', '-STOP', '-x', 'dockerd')
    try {
      const down = await eventually('NotReady', ready, (now) => now?.status === 'False', 90_000)
      expect(down).toMatchObject({ reason: 'KubeletNotReady', message: 'container runtime is down' })
    } finally {
      await cluster.onNode('n1', 'pkill', '-CONT', '-x', 'dockerd')
    }
    await eventually('Ready', ready, (now) => now?.status === 'True', 60_000)
    const events = await cluster.k('get', 'events', '--field-selector=involvedObject.kind=Node')
    for (const reason of ['Starting', 'NodeHasSufficientMemory', 'NodeNotReady', 'NodeReady'])
      expect(events).toMatch(new RegExp(`Normal\\s+${reason}\\s+node/n1`))
  })
})
