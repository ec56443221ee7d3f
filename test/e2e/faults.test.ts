/**
 * Faults of real nodes, each timed by what the API tells its watchers: an engine that dies, a node that is stopped, frozen or cut
 * off, a pod that stops being ready. Times are printed.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Node, Pod } from '#types/core/v1'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import { refs } from '../../src-kube/client/refs.ts'
import { adminTransport } from '../../src-main/cluster/api.ts'
import { adminAccess } from '../../src-main/cluster/kubeconfig.ts'
import type { HttpTransport } from '../../src-wire/http-transport.ts'
import { TestCluster } from '../helpers/cluster.ts'
import { command } from '../helpers/command.ts'
import { eventually } from '../helpers/eventually.ts'
import { asker, mobileDeployment, pinnedServer, service, switchedServer } from '../helpers/fault-manifests.ts'
import { buildTestImages } from '../helpers/images.ts'
import { Lines } from '../helpers/lines.ts'
import { Timeline, type Seconds } from '../helpers/timeline.ts'

const cluster = new TestCluster('faults')
const VICTIM = 'n3'
const machine = cluster.machine(VICTIM)
/** node-monitor-grace-period of kube-controller-manager. */
const GRACE = 50
/** The lease is renewed every ten seconds: so much of the grace may be over when a node falls silent. */
const LEASE_INTERVAL = 10
/** What a busy machine may add. */
const SLACK = 6

/** The kernel's clock, which every container of this machine shares. */
const now = (): Seconds => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
const since = (start: Seconds, end: Seconds): string => `${(end - start).toFixed(1)} s`

let api: HttpTransport
let nodes: Timeline<Node>
let pods: Timeline<Pod>
let slices: Timeline<EndpointSlice>

const nodeOf = (list: readonly Node[], name: string): Node | undefined => list.find((n) => n.metadata.name === name)
const readiness = (object: Node | Pod | undefined) => object?.status?.conditions?.find((c) => c.type === 'Ready')
const isReady = (object: Node | Pod | undefined): boolean => readiness(object)?.status === 'True'
const podOf = (list: readonly Pod[], name: string): Pod | undefined => list.find((p) => p.metadata.name === name)
const taintsOf = (node: Node | undefined): string[] => (node?.spec?.taints ?? []).map((t) => `${t.key}:${t.effect}`)
const taint = (name: string): string[] => ['NoExecute', 'NoSchedule'].map((e) => `node.kubernetes.io/${name}:${e}`)

/** Docker on this machine, which must succeed. */
async function docker(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await command('docker', args)
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: exit ${code}\n${stderr}`)
  return stdout.trim()
}

async function apply(...objects: object[]): Promise<void> {
  const file = join(cluster.data, 'manifest.json')
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))
  await cluster.k('apply', '-f', file)
}

const podsReady = (...names: string[]): Promise<Seconds> =>
  pods.when(`${names.join(', ')} ready`, (list) => names.every((name) => isReady(podOf(list, name))))

beforeAll(async () => {
  buildTestImages()
  await cluster.drydock('up', '--nodes', '3', '--detach')
  api = adminTransport(adminAccess(readFileSync(cluster.kubeconfig, 'utf8')))
  nodes = new Timeline<Node>(api, refs.nodes, { now })
  pods = new Timeline<Pod>(api, refs.pods, { now, query: { fieldSelector: 'metadata.namespace=default' } })
  slices = new Timeline<EndpointSlice>(api, refs.endpointSlices, { now })
  const labels = { app: 'servers' }
  const servers = ['n1', 'n2', 'n3'].map((node) => pinnedServer(`server-${node}`, node, labels))
  await apply(service('servers'), ...servers)
  await podsReady('server-n1', 'server-n2', 'server-n3')
})

afterAll(async () => {
  const stopping = [nodes, pods, slices].map((timeline) => timeline?.stop())
  api?.close()
  await Promise.allSettled(stopping)
  await cluster.delete()
})

/** Containers that run on a node, as its own engine sees them. */
async function containersOn(node: string): Promise<string[]> {
  const script = `docker ps -q --no-trunc | xargs docker inspect -f '{{.Id}} {{.State.StartedAt}} {{.RestartCount}}'`
  const { stdout } = await cluster.onNode(node, 'sh', '-c', script)
  return stdout.trim().split('\n').sort()
}

describe('an engine that is killed', () => {
  it('is told of by its node, which is NotReady until it is back, with every container as it was', async () => {
    const before = await containersOn('n2')
    const inApi = (): unknown => podOf(pods.objects, 'server-n2')?.status?.containerStatuses
    const statuses = structuredClone(inApi())
    const lines = new Lines(cluster.spawnKubectl('1.36', 'get', 'nodes', '-w', '--no-headers'), now)
    try {
      await lines.when('n2 in the list', ({ text }) => /^n2\s+Ready/.test(text))
      const killed = now()
      // Its supervisor starts it again at once: it is killed as often for six seconds.
      const held = cluster.onNode('n2', 'sh', '-c', 'for i in $(seq 60); do pkill -9 -x dockerd; sleep 0.1; done')
      const down = await lines.when('NotReady', ({ text }) => /^n2\s+NotReady/.test(text), killed, 15)
      const tainted = await nodes.when('taints', (list) => sameSet(taintsOf(nodeOf(list, 'n2')), taint('not-ready')))
      await held
      const released = now()
      const back = await lines.when('Ready', ({ text }) => /^n2\s+Ready/.test(text), down.at, 60)
      const clean = await nodes.when('no taints', (list) => taintsOf(nodeOf(list, 'n2')).length === 0)
      await podsReady('server-n2')
      console.info(
        `engine killed: NotReady after ${since(killed, down.at)}, tainted after ${since(killed, tainted)}; ` +
          `let go after ${since(killed, released)}, Ready ${since(released, back.at)} later, clean ${since(released, clean)} later`,
      )
      expect(down.at - killed).toBeLessThan(5)
      expect(back.at - released).toBeLessThan(30)
    } finally {
      lines.stop()
    }
    expect(await containersOn('n2')).toEqual(before)
    expect(inApi()).toEqual(statuses)
  })
})

function sameSet(actual: readonly string[], expected: readonly string[]): boolean {
  return actual.length === expected.length && expected.every((one) => actual.includes(one))
}

interface Fault {
  name: string
  strike: () => Promise<unknown>
  mend: () => Promise<unknown>
  /** Whether what ran on the node is still running, unchanged, when the node is back. */
  containersLive: boolean
}

let address = ''
const faults: Fault[] = [
  {
    name: 'stopped by drydock node stop',
    strike: () => cluster.drydock('node', 'stop', VICTIM),
    mend: () => cluster.drydock('node', 'start', VICTIM),
    containersLive: false,
  },
  {
    name: 'stopped by docker stop',
    strike: () => docker('stop', machine),
    mend: () => docker('start', machine),
    containersLive: false,
  },
  {
    name: 'paused by docker pause',
    strike: () => docker('pause', machine),
    mend: () => docker('unpause', machine),
    containersLive: true,
  },
  {
    name: 'cut from the network',
    async strike() {
      const format = `{{(index .NetworkSettings.Networks "${cluster.network}").IPAddress}}`
      address = await docker('inspect', '-f', format, machine)
      await docker('network', 'disconnect', cluster.network, machine)
    },
    mend: () => docker('network', 'connect', '--ip', address, cluster.network, machine),
    containersLive: true,
  },
]

/** The pods of a deployment. */
const ofApp = (list: readonly Pod[], app: string): Pod[] => list.filter((pod) => pod.metadata.labels?.['app'] === app)

/** The victim is lost by its lease, tainted, and the pod comes up elsewhere; all within Kubernetes' times. */
async function expectLoss(app: string, old: Pod, struck: { began: Seconds; done: Seconds }): Promise<string> {
  const lost = await nodes.when('not Ready', (list) => !isReady(nodeOf(list, VICTIM)), GRACE + 30)
  expect(readiness(nodeOf(nodes.objects, VICTIM))).toMatchObject({ status: 'Unknown', reason: 'NodeStatusUnknown' })
  expect(lost - struck.began).toBeGreaterThan(GRACE - LEASE_INTERVAL - SLACK)
  expect(lost - struck.done).toBeLessThan(GRACE + SLACK)
  const tainted = await nodes.when('taints', (list) => sameSet(taintsOf(nodeOf(list, VICTIM)), taint('unreachable')))
  const unready = await pods.when('its pods not ready', (list) => !isReady(podOf(list, `server-${VICTIM}`)))
  const evicted = await pods.when('the eviction', (list) =>
    list.every((pod) => pod.metadata.uid !== old.metadata.uid || pod.metadata.deletionTimestamp !== undefined),
  )
  const moved = await pods.when('the pod elsewhere', (list) =>
    ofApp(list, app).some((pod) => isReady(pod) && pod.spec.nodeName !== VICTIM),
  )
  expect(evicted - tainted).toBeGreaterThan(4)
  expect(evicted - tainted).toBeLessThan(5 + SLACK)
  expect(moved - evicted).toBeLessThan(15)
  return (
    `Unknown after ${since(struck.began, lost)}, tainted ${since(lost, tainted)} later, its pods unready ${since(lost, unready)} later, ` +
    `evicted ${since(tainted, evicted)} after the taint, Ready elsewhere ${since(evicted, moved)} later`
  )
}

/** The node comes back as if nothing had been: no taints, nothing left of the pod that moved, no pod twice. */
async function expectReturn(app: string, old: Pod, mending: Seconds): Promise<string> {
  const ready = await nodes.when('Ready again', (list) => isReady(nodeOf(list, VICTIM)), 120)
  const clean = await nodes.when('no taints', (list) => taintsOf(nodeOf(list, VICTIM)).length === 0)
  const gone = await pods.when('the old pod gone', (list) => list.every((pod) => pod.metadata.uid !== old.metadata.uid))
  await eventually(
    'nothing of the old pod in the engine',
    () => cluster.onNode(VICTIM, 'docker', 'ps', '-aq', '--filter', `label=io.kubernetes.pod.uid=${old.metadata.uid}`),
    ({ code, stdout }) => code === 0 && stdout === '',
  )
  const serving = await podsReady(`server-${VICTIM}`)
  expect(ofApp(pods.objects, app)).toHaveLength(1)
  await expectNoStrays()
  return (
    `Ready again ${since(mending, ready)} after it was mended, clean after ${since(mending, clean)}, ` +
    `old pod gone after ${since(mending, gone)}, its own pod serving after ${since(mending, serving)}`
  )
}

/** Every sandbox that runs on a node is that of a pod which the API has there, and each pod has one. */
async function expectNoStrays(): Promise<void> {
  for (const node of ['n1', 'n2', 'n3']) {
    const sandboxes = ['--filter', 'label=io.kubernetes.docker.type=podsandbox']
    const format = ['--format', '{{.Label "io.kubernetes.pod.uid"}}']
    const { stdout } = await cluster.onNode(node, 'docker', 'ps', ...sandboxes, ...format)
    const running = stdout.trim().split('\n').sort()
    const inDefault = pods.objects.filter((pod) => pod.spec.nodeName === node).map((pod) => pod.metadata.uid)
    expect(running).toEqual(inDefault.sort())
  }
}

/** Pods of the victim and of another node reach each other by address, and a service by its name. */
async function expectNetwork(): Promise<void> {
  const ask = (from: string, host: string) =>
    cluster.k('exec', from, '--', 'timeout', '2', 'wget', '-qO-', `http://${host}`)
  const ip = (name: string): string => podOf(pods.objects, name)?.status?.podIP ?? ''
  const expectAnswer = (from: string, to: string): Promise<string> =>
    eventually(
      `${to} as seen from ${from}`,
      () => ask(from, `${ip(to)}:8080`),
      (answer) => answer === `${to}\n`,
      30_000,
    )
  await expectAnswer('server-n1', `server-${VICTIM}`)
  await expectAnswer(`server-${VICTIM}`, 'server-n1')
  await eventually(
    `every server behind the service, as seen from ${VICTIM}`,
    () =>
      cluster.k('exec', `server-${VICTIM}`, '--', 'sh', '-c', 'for i in $(seq 40); do wget -qO- http://servers; done'),
    (answers) => ['n1', 'n2', 'n3'].every((node) => answers.includes(`server-${node}`)),
    30_000,
  )
}

describe.each(faults)('a node that is $name', ({ name, strike, mend, containersLive }) => {
  it('is lost by its lease, gives up its pod, and returns clean', async () => {
    const app = `mobile-${faults.findIndex((fault) => fault.name === name)}`
    await apply(mobileDeployment(app, VICTIM))
    await pods.when('the pod on the victim', (list) => ofApp(list, app).some(isReady))
    const [old] = ofApp(pods.objects, app)
    expect(old!.spec.nodeName).toBe(VICTIM)
    const server = structuredClone(podOf(pods.objects, `server-${VICTIM}`)!.status!.containerStatuses)

    const began = now()
    await strike()
    const loss = await expectLoss(app, old!, { began, done: now() }).catch(async (error: unknown) => {
      await mend()
      throw error
    })
    const mending = now()
    const [back] = await Promise.all([expectReturn(app, old!, mending), mend()])
    console.info(`${name}: ${loss}; ${back}`)
    await expectNetwork()
    if (containersLive) expect(podOf(pods.objects, `server-${VICTIM}`)!.status!.containerStatuses).toEqual(server)
    await cluster.k('delete', 'deployment', app)
    await pods.when('nothing of the deployment', (list) => ofApp(list, app).length === 0)
  }, 400_000)
})

describe('a pod that says it is not ready', () => {
  it('is out of its slice and out of the traffic two seconds later, and in again', async () => {
    const labels = { app: 'switched' }
    await apply(
      service('switched'),
      switchedServer('switched-a', 'n1', labels),
      switchedServer('switched-b', 'n2', labels),
      asker('asker', 'n3', 'http://switched'),
    )
    await podsReady('switched-a', 'switched-b', 'asker')
    const log = new Lines(cluster.spawnKubectl('1.36', 'logs', '-f', 'asker'), now)
    const answers = (line: { text: string }): { at: Seconds; by: string } => {
      const [at, by] = line.text.split(' ')
      return { at: Number(at), by: by ?? '' }
    }
    const takes = (pod: string) => (list: readonly EndpointSlice[]) =>
      list.some((slice) => slice.endpoints?.some((e) => e.targetRef?.name === pod && e.conditions?.ready === true))
    /** Does something in the pod; when that was, by the pod's own reading of the clock. */
    const act = async (words: string): Promise<Seconds> =>
      Number((await cluster.k('exec', 'switched-b', '--', 'sh', '-c', `${words}; cat /proc/uptime`)).split(' ')[0])
    try {
      await log.when('an answer of switched-b', (line) => answers(line).by === 'switched-b')
      const [broken, reported, left] = await Promise.all([
        act('rm /tmp/ok'),
        pods.when('switched-b not ready', (list) => !isReady(podOf(list, 'switched-b'))),
        slices.when('switched-b out of its slice', (list) => !takes('switched-b')(list)),
      ])
      // Three seconds of answers beyond the bound show who still gets requests.
      await log.when('answers after it', (line) => answers(line).at > reported + 5)
      const last = Math.max(...log.all.map(answers).map((a) => (a.by === 'switched-b' ? a.at : 0)))
      expect(log.all.filter((line) => answers(line).at > reported + 2 && answers(line).by === 'none')).toEqual([])

      const [mended, into] = await Promise.all([
        act('touch /tmp/ok'),
        slices.when('switched-b in its slice', takes('switched-b')),
      ])
      const again = answers(
        await log.when('an answer of it', (line) => answers(line).at > mended && answers(line).by === 'switched-b'),
      ).at
      console.info(
        `unready: reported ${since(broken, reported)} after the break, out of the slice after ${since(broken, left)}, last answer after ${since(broken, last)}; ` +
          `in the slice ${since(mended, into)} after it was mended, first answer after ${since(mended, again)}`,
      )
      expect(left - reported).toBeLessThan(2)
      expect(last - reported).toBeLessThan(2)
      expect(left - broken).toBeLessThan(2 + 1)
      expect(last - broken).toBeLessThan(2 + 1)
    } finally {
      log.stop()
    }
  })
})
