import { writeFileSync, readFileSync } from 'node:fs'
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildTestImages } from '../helpers/images.ts'
import { TestCluster } from '../helpers/cluster.ts'
import { command } from '../helpers/command.ts'
import { eventually } from '../helpers/eventually.ts'
import { isReady, queriesOf, type List, type NodeItem, type PodItem } from '../helpers/cluster-queries.ts'

const fixture = (name: string): string => join(import.meta.dirname, '../fixtures/acceptance', name)
const cluster = new TestCluster('e2e')
const versions = ['1.32', '1.36']
const { pods, readyPods, readyOf } = queriesOf(cluster)
beforeAll(async () => {
  buildTestImages()
  await cluster.drydock('up', '--nodes', '3', '--detach')
})

afterAll(() => cluster.delete())

describe('a cluster of three nodes', () => {
  it('has three Ready nodes', async () => {
    const nodes = await cluster.json<List<NodeItem>>('get', 'nodes')
    expect(nodes.items.map((node) => node.metadata.name)).toEqual(['n1', 'n2', 'n3'])
    expect(await cluster.k('get', 'nodes', '-o', 'wide')).toContain('docker://')
  })

  it('runs hello.yaml as it stands: warnings, defaults of the old version, three pods, an image of the desktop', async () => {
    const applied = await cluster.kubectl('1.36', 'apply', '-f', fixture('hello.yaml'))
    expect(applied.stderr).toContain('extensions/v1beta1 Deployment is deprecated')
    expect(applied.stderr).toContain('extensions/v1beta1 Ingress is deprecated')
    const running = await readyPods(3, '-n', 'spring-test')
    expect(new Set(running.map((pod) => pod.spec.nodeName)).size).toBeGreaterThan(1)
    const deployment = await cluster.json<{ spec: Record<string, unknown> }>(
      'get',
      'deploy',
      'k8s-demo',
      '-n',
      'spring-test',
    )
    expect(deployment.spec).toMatchObject({
      revisionHistoryLimit: 2_147_483_647,
      progressDeadlineSeconds: 2_147_483_647,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
      selector: { matchLabels: { app: 'k8s-demo' } },
    })
  })

  it('answers node port 30003 on every node, at its loopback address, too', async () => {
    const nodes = await cluster.json<List<NodeItem>>('get', 'nodes')
    for (const node of nodes.items) {
      const address = node.status.addresses.find((a) => a.type === 'InternalIP')!.address
      expect((await command('curl', ['-s', '-m', '5', `http://${address}:30003/hello`])).stdout).toBe('hello k8s demo.')
      const ask = "fetch('http://127.0.0.1:30003/hello').then((answer) => answer.text()).then(console.log)"
      expect((await cluster.onNode(node.metadata.name, 'node', '-e', ask)).stdout).toContain('hello k8s demo.')
    }
  })

  it('routes the Ingress of hello.yaml on the desktop, tells its address, and leaves out one that nginx refuses', async () => {
    const key = ['ingress-nginx-controller', '-n', 'ingress-nginx'] as const
    const moved = async (port: string): Promise<string> => {
      const { metadata } = await cluster.json<{ metadata: { annotations?: Record<string, string> } }>(
        'get',
        'svc',
        ...key,
      )
      const pairs = metadata.annotations?.['drydock.dev/desktop-ports']?.split(',').map((pair) => pair.split('='))
      return pairs?.find(([from]) => from === port)?.[1] ?? port
    }
    const ask = async (host: string, path: string): Promise<string> => {
      const url = `http://localhost:${await moved('80')}${path}`
      return (await command('curl', ['-s', '-m', '5', '-H', `Host: ${host}`, url])).stdout
    }
    await eventually(
      'an answer at /hello',
      () => ask('www.k8s-demo.com', '/hello'),
      (answer) => answer === 'hello k8s demo.',
    )
    expect(await ask('www.k8s-demo.com', '/else')).toContain('404 Not Found')
    const row = await eventually(
      'its address',
      () => cluster.k('get', 'ingress', 'k8s-demo', '-n', 'spring-test', '--no-headers'),
      (line) => line.includes('127.0.0.1'),
    )
    expect(row).toMatch(/^k8s-demo +nginx +www\.k8s-demo\.com +127\.0\.0\.1 +80 /)
    const regex = ['--annotation', 'nginx.ingress.kubernetes.io/use-regex=true']
    for (const [name, path] of [
      ['broken', '/a(b*'],
      ['later', '/hello'],
    ])
      await cluster.k(
        'create',
        'ingress',
        name!,
        '-n',
        'spring-test',
        `--rule=${name}.dev${path}=k8s-demo:8888`,
        ...regex,
      )
    await eventually(
      'an answer of a later Ingress',
      () => ask('later.dev', '/hello'),
      (answer) => answer === 'hello k8s demo.',
    )
    await eventually(
      'an event that tells of the one that is left out',
      () => cluster.k('describe', 'ingress', 'broken', '-n', 'spring-test'),
      (text) => text.includes('nginx refuses'),
    )
    await cluster.k('delete', 'ingress', 'broken', 'later', '-n', 'spring-test')
  })

  it.each(versions)('applies pods.yaml and config.yaml with kubectl %s', async (version) => {
    for (const file of ['pods.yaml', 'config.yaml'])
      expect((await cluster.kubectl(version, 'apply', '-f', fixture(file))).code).toBe(0)
    await eventually(
      'pair and configmap-demo',
      () => pods('pair', 'configmap-demo'),
      (list) => list.every(isReady),
    )
    expect((await cluster.kubectl(version, 'logs', 'configmap-demo')).stdout).toContain('lives=3')
    expect(
      (await cluster.kubectl(version, 'exec', 'configmap-demo', '--', 'cat', '/config/game.properties')).stdout,
    ).toContain('enemy.types')
    expect((await cluster.kubectl(version, 'exec', 'pair', '-c', 'client', '--', 'sh', '-c', 'exit 7')).code).toBe(7)
    expect((await cluster.kubectl(version, 'describe', 'pod', 'pair')).stdout).toMatch(/Started\s/)
    expect((await cluster.kubectl(version, 'get', 'pods', '-o', 'wide')).stdout).toMatch(/pair\s+2\/2\s+Running/)
  })

  it('brings a changed ConfigMap to the mounted file and never to the environment', async () => {
    await cluster.k(
      'patch',
      'configmap',
      'game-demo',
      '--type=merge',
      '-p',
      '{"data":{"game.properties":"changed=1","player_initial_lives":"9"}}',
    )
    await eventually(
      'the file',
      () => cluster.k('exec', 'configmap-demo', '--', 'cat', '/config/game.properties'),
      (text) => text === 'changed=1',
    )
    expect(await cluster.k('exec', 'configmap-demo', '--', 'sh', '-c', 'echo $LIVES')).toBe('3\n')
  })

  it.each(versions)('copies 20 MB in and out with kubectl %s', async (version) => {
    const file = join(cluster.data, `big-${version}`)
    const bytes = randomBytes(20 << 20)
    writeFileSync(file, bytes)
    expect((await cluster.kubectl(version, 'cp', file, 'configmap-demo:/tmp/big')).code).toBe(0)
    expect((await cluster.kubectl(version, 'cp', 'configmap-demo:/tmp/big', `${file}-back`)).code).toBe(0)
    const sum = (data: Buffer): string => createHash('sha256').update(data).digest('hex')
    expect(sum(readFileSync(`${file}-back`))).toBe(sum(bytes))
  })

  it.each(versions)('forwards a port and follows a log with kubectl %s', async (version) => {
    const port = version === '1.36' ? 18_736 : 18_732
    const forward = cluster.spawnKubectl(version, 'port-forward', '-n', 'spring-test', 'svc/k8s-demo', `${port}:8888`)
    const follow = cluster.spawnKubectl(version, 'logs', '-f', 'pair', '-c', 'client', '--tail=1')
    let log = ''
    follow.stdout!.on('data', (chunk: Buffer) => (log += chunk.toString()))
    try {
      await eventually(
        'the forwarded port',
        () => command('curl', ['-s', '-m', '3', `http://127.0.0.1:${port}/hello`]),
        (r) => r.stdout === 'hello k8s demo.',
      )
      await eventually(
        'two more lines of log',
        () => Promise.resolve(log),
        (text) => text.split('\n').length > 3,
      )
    } finally {
      forward.kill()
      follow.kill()
    }
  })

  it('spreads requests by DNS name over all pods, also while the agent of the asking node is stopped', async () => {
    await cluster.k('apply', '-f', fixture('services.yaml'))
    const web = await readyPods(3, '-l', 'run=my-nginx')
    const asker = await cluster.json<PodItem>('get', 'pod', 'configmap-demo')
    const ask = (count: number): Promise<string> =>
      cluster.k(
        'exec',
        'configmap-demo',
        '--',
        'sh',
        '-c',
        `for i in $(seq ${count}); do wget -qO- http://my-nginx; done | sort | uniq -c`,
      )
    const answered = (counts: string): number =>
      [...counts.matchAll(/^ *(\d+) /gm)].reduce((sum, [, count]) => sum + Number(count), 0)
    const all = await ask(300)
    for (const pod of web) expect(all).toContain(pod.metadata.name)
    expect(answered(all)).toBe(300)
    await cluster.onNode(asker.spec.nodeName!, 'pkill', '-STOP', '-f', 'agent.mjs')
    try {
      const other = await cluster.onNode(
        asker.spec.nodeName!,
        'sh',
        '-c',
        // As long as the kernel believes that the agent is alive.
        'sleep 5; id=$(docker ps -q --filter label=io.kubernetes.pod.name=configmap-demo --filter label=io.kubernetes.container.name=demo); docker exec $id sh -c "for i in \\$(seq 300); do wget -qO- http://my-nginx; done | sort | uniq -c"',
      )
      for (const pod of web) expect(other.stdout).toContain(pod.metadata.name)
      expect(answered(other.stdout)).toBe(300)
    } finally {
      await cluster.onNode(asker.spec.nodeName!, 'pkill', '-CONT', '-f', 'agent.mjs')
    }
  })

  it('lets a pod on another node see the address of the one that asks', async () => {
    const spec = (name: string, node: string, words: string) =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name },
        spec: {
          nodeName: node,
          terminationGracePeriodSeconds: 1,
          containers: [{ name: 'c', image: 'busybox', command: ['sh', '-c', words] }],
        },
      })
    const file = join(cluster.data, 'pair.json')
    writeFileSync(
      file,
      spec('server', 'n1', 'mkdir /w; echo hi > /w/index.html; exec httpd -f -vv -p 8080 -h /w') +
        spec('asker', 'n2', 'exec sleep 3600'),
    )
    await cluster.k('apply', '-f', file)
    const [asker, server] = await eventually(
      'both pods',
      () => pods('asker', 'server'),
      (list) => list.every(isReady),
    )
    expect(await cluster.k('exec', 'asker', '--', 'wget', '-qO-', `http://${server!.status.podIP}:8080/`)).toBe('hi\n')
    await eventually(
      'the log of the server',
      () => cluster.k('logs', 'server'),
      (log) => log.includes(asker!.status.podIP!),
    )
  })

  it.each(versions)('scales, rolls out and undoes with kubectl %s', async (version) => {
    const k = async (...args: string[]): Promise<string> => {
      const result = await cluster.kubectl(version, ...args)
      expect(`${result.stderr}${result.code}`).toMatch(/0$/)
      return result.stdout
    }
    await k('scale', 'deploy/web', '--replicas=2')
    await readyPods(2, '-l', 'run=my-nginx')
    await k('set', 'env', 'deploy/web', `ROUND=${version}`)
    await k('rollout', 'status', 'deploy/web', '--timeout=60s')
    await k('rollout', 'undo', 'deploy/web')
    await k('rollout', 'status', 'deploy/web', '--timeout=60s')
    expect(await k('rollout', 'history', 'deploy/web')).toContain('REVISION')
    expect(
      await k('auth', 'can-i', 'list', 'secrets', '--as', 'system:serviceaccount:default:default').catch(() => 'no'),
    ).toContain('no')
  })

  it('takes an unready pod out of its service within two seconds', async () => {
    const [pod] = await readyPods(2, '-l', 'run=my-nginx')
    await cluster.k('exec', pod!.metadata.name, '--', 'mv', '/www/index.html', '/www/away.html')
    const slices = () =>
      cluster.json<List<{ endpoints?: Array<{ targetRef?: { name: string }; conditions: { ready: boolean } }> }>>(
        'get',
        'endpointslices',
        '-l',
        'kubernetes.io/service-name=my-nginx',
      )
    // Three failing probes, one a second, make it unready; then the slice must follow at once.
    await eventually(
      'the pod to be out',
      slices,
      (list) =>
        list.items.some((slice) =>
          slice.endpoints?.some((e) => e.targetRef?.name === pod!.metadata.name && !e.conditions.ready),
        ),
      8_000,
    )
  })

  it('restarts a killed container and replaces a deleted pod', async () => {
    const node = 'n1'
    await cluster.onNode(
      node,
      'sh',
      '-c',
      'docker kill $(docker ps -q --filter label=io.kubernetes.pod.name=server --filter label=io.kubernetes.container.name=c)',
    )
    await eventually(
      'the restart',
      () => pods('server'),
      ([pod]) => isReady(pod!) && pod!.status.containerStatuses![0]!.restartCount > 0,
    )
    const [victim] = await pods('-l', 'app=k8s-demo', '-n', 'spring-test')
    await cluster.k('delete', 'pod', victim!.metadata.name, '-n', 'spring-test', '--grace-period=1')
    const after = await readyPods(3, '-n', 'spring-test')
    expect(after.map((pod) => pod.metadata.uid)).not.toContain(victim!.metadata.uid)
  })

  it('survives the death of its control plane and of an engine with every container untouched', async () => {
    const containers = async (): Promise<string[]> =>
      (await pods('-n', 'spring-test'))
        .map(
          (pod) =>
            `${pod.status.containerStatuses![0]!.containerID} ${pod.status.containerStatuses![0]!.state.running?.startedAt} ${pod.status.containerStatuses![0]!.restartCount}`,
        )
        .sort()
    const before = await containers()
    const { pid } = JSON.parse(readFileSync(join(cluster.data, 'cluster/host.json'), 'utf8')) as { pid: number }
    process.kill(pid, 'SIGKILL')
    await cluster.drydock('up', '--detach')
    expect(await containers()).toEqual(before)
    await cluster.onNode('n2', 'pkill', '-9', 'dockerd')
    await eventually(
      'the node to say so',
      async () => (await cluster.json<NodeItem>('get', 'node', 'n2')).status.conditions,
      (list) => list.some((c) => c.type === 'Ready'),
      5_000,
    )
    await eventually(
      'n2 to be Ready',
      () => readyOf('n2'),
      (status) => status === 'True',
    )
    expect(await containers()).toEqual(before)
  })

  it('adds a node that runs pods, and drains it away', async () => {
    await cluster.drydock('node', 'add', 'n4')
    expect(await readyOf('n4')).toBe('True')
    const file = join(cluster.data, 'n4.json')
    const spec = {
      replicas: 1,
      selector: { matchLabels: { app: 'wander' } },
      template: {
        metadata: { labels: { app: 'wander' } },
        spec: {
          terminationGracePeriodSeconds: 1,
          affinity: {
            nodeAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [
                {
                  weight: 100,
                  preference: { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n4'] }] },
                },
              ],
            },
          },
          containers: [{ name: 'c', image: 'busybox', command: ['sleep', '3600'] }],
        },
      },
    }
    writeFileSync(
      file,
      JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'wander' }, spec }),
    )
    await cluster.k('apply', '-f', file)
    const [pod] = await readyPods(1, '-l', 'app=wander')
    expect(pod!.spec.nodeName).toBe('n4')
    await cluster.drydock('node', 'remove', 'n4')
    const [moved] = await readyPods(1, '-l', 'app=wander')
    expect(moved!.spec.nodeName).not.toBe('n4')
    expect((await cluster.json<List<NodeItem>>('get', 'nodes')).items).toHaveLength(3)
  })

  it('gives a pod no more than its token allows', async () => {
    const { stdout } = await cluster.kubectl(
      '1.36',
      'auth',
      'can-i',
      '--list',
      '--as',
      'system:serviceaccount:default:default',
    )
    expect(stdout).not.toContain('secrets')
    expect(stdout).not.toMatch(/pods\s/)
    const asNode = await cluster.kubectl(
      '1.36',
      'get',
      'secrets',
      '-A',
      '--as',
      'system:node:n1',
      '--as-group',
      'system:nodes',
    )
    expect(asNode.stderr).toContain('cannot list resource "secrets"')
  })
})
