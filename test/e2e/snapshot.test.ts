/** A snapshot put back into its own cluster of real nodes, which went on in the meantime and was then taken down. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Node, Pod } from '#types/core/v1'
import type { KubeList } from '../../src-kube/machinery/meta.ts'
import { TestCluster } from '../helpers/cluster.ts'
import { eventually } from '../helpers/eventually.ts'
import { buildTestImages } from '../helpers/images.ts'

const cluster = new TestCluster('snapshot')
const file = join(cluster.data, 'one.snapshot')

async function run(...names: string[]): Promise<void> {
  for (const name of names) {
    const image = ['--image=busybox', '--image-pull-policy=IfNotPresent']
    await cluster.k('run', name, ...image, '--command', '--', 'sleep', '3600')
  }
  await cluster.k('wait', '--for=condition=Ready', '--timeout=90s', ...names.map((name) => `pod/${name}`))
}

const pods = async (): Promise<Pod[]> => (await cluster.json<KubeList<Pod>>('get', 'pods', '-n', 'default')).items
const isReady = ({ status }: Pod | Node): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false
/** kubectl makes a list of its own, without a revision: the server's is asked for. */
const revision = async (): Promise<number> =>
  Number(
    (JSON.parse(await cluster.k('get', '--raw', '/api/v1/pods?limit=1')) as KubeList<Pod>).metadata.resourceVersion,
  )
const containersOf = async (pod: Pod, which = '-aq'): Promise<string[]> => {
  const label = `label=io.kubernetes.pod.uid=${pod.metadata.uid}`
  return (await cluster.onNode('n1', 'docker', 'ps', which, '--filter', label)).stdout.split('\n').filter(Boolean)
}

let saved: Pod[]
let later: Pod
let before: number

beforeAll(async () => {
  buildTestImages()
  await cluster.drydock('up', '--nodes', '1', '--detach')
  await eventually(
    'the default service account',
    () => cluster.kubectl('1.36', 'get', 'serviceaccount', 'default'),
    ({ code }) => code === 0,
  )
  await run('kept', 'removed')
  saved = await pods()
  await cluster.drydock('snapshot', 'save', file)
  await cluster.k('delete', 'pod', 'removed', '--now')
  await run('later')
  later = (await pods()).find(({ metadata }) => metadata.name === 'later')!
  // It has a machine, and the snapshot does not know it.
  await cluster.drydock('node', 'add', 'n2')
  before = await revision()
  await cluster.drydock('down')
  await cluster.drydock('snapshot', 'restore', file, '--force')
  await cluster.drydock('up', '--detach')
})
afterAll(() => cluster.delete())

describe('a cluster whose snapshot was put back', () => {
  it('runs the pods of the snapshot, those that were deleted since too', async () => {
    const uids = saved.map(({ metadata }) => metadata.uid).sort()
    const running = await eventually('the pods of the snapshot to run', pods, (found) => found.every(isReady))
    expect(running.map(({ metadata }) => metadata.uid).sort()).toEqual(uids)
    // What the snapshot says of their state is older than their containers.
    for (const pod of running) {
      await eventually(
        `containers of ${pod.metadata.name}`,
        () => containersOf(pod, '-q'),
        (ids) => ids.length > 0,
      )
    }
    const answer = await eventually(
      'a command in a pod that came back',
      () => cluster.kubectl('1.36', 'exec', 'removed', '--', 'echo', 'here'),
      ({ code }) => code === 0,
    )
    expect(answer.stdout).toBe('here\n')
  })

  it('has no container of the pods that it does not know', async () => {
    await eventually(
      'the containers of the later pod to go',
      () => containersOf(later),
      (left) => left.length === 0,
    )
  })

  it('has all nodes that have machines, heard of anew, and goes on beyond the revisions of before', async () => {
    const { items } = await cluster.json<KubeList<Node>>('get', 'nodes')
    expect(items.map((node) => [node.metadata.name, isReady(node)])).toEqual([
      ['n1', true],
      ['n2', true],
    ])
    expect(await revision()).toBeGreaterThan(before + 900_000_000)
  })
})
