/** What pods may use and who they are, on one real node: control groups of pods, resources of a pod as a whole, groups of users that images list. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Container, Pod, PodSpec } from '#types/core/v1'
import { TestCluster } from '../helpers/cluster.ts'
import { eventually } from '../helpers/eventually.ts'
import { buildTestImages } from '../helpers/images.ts'

const cluster = new TestCluster('groups')
/** busybox with a user `alice`, who is of the group 50000 too. */
const IMAGE = 'drydock-test-users:1'

beforeAll(async () => {
  buildTestImages()
  const lines = [
    'FROM busybox',
    "RUN echo 'alice:x:1000:1000::/:/bin/sh' >> /etc/passwd && echo 'image:x:50000:alice' >> /etc/group",
  ]
  execFileSync('docker', ['build', '--quiet', '--tag', IMAGE, '-'], { input: lines.join('\n') })
  await cluster.drydock('up', '--nodes', '1', '--detach')
})
afterAll(async () => {
  await cluster.delete()
  execFileSync('docker', ['rmi', '--no-prune', IMAGE])
})

async function run(name: string, containers: Array<Partial<Container>>, spec: Partial<PodSpec> = {}): Promise<Pod> {
  const file = join(cluster.data, `${name}.json`)
  const all = containers.map((one, i) => ({ name: `c${i}`, image: 'busybox', imagePullPolicy: 'IfNotPresent', ...one }))
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { ...spec, containers: all } }
  writeFileSync(file, JSON.stringify(pod))
  await cluster.k('apply', '-f', file)
  return cluster.json<Pod>('get', 'pod', name)
}
const sleeping = { command: ['sleep', '3600'] }
const isReady = (name: string): Promise<string> =>
  cluster.k('wait', `pod/${name}`, '--for=condition=Ready', '--timeout=60s')

/** What a file of a control group says, in whichever version the kernel has. */
async function groupFile(group: string, [first, second]: [first: string, second: string]): Promise<string> {
  const script = `cat /sys/fs/cgroup${group}/${second} 2>/dev/null || cat /sys/fs/cgroup/${first.split('.')[0]}${group}/${first}`
  return (await cluster.onNode('n1', 'sh', '-c', script)).stdout.trim()
}
const memoryOf = (group: string): Promise<string> => groupFile(group, ['memory.limit_in_bytes', 'memory.max'])
const MIB = 2 ** 20

it('what a pod may use as a whole binds its containers together, also after it was resized', async () => {
  const resources = { limits: { cpu: '500m', memory: '48Mi' }, requests: { cpu: '100m', memory: '16Mi' } }
  const { metadata } = await run('whole', [sleeping, sleeping], { resources, terminationGracePeriodSeconds: 0 })
  await isReady('whole')
  const group = `/kubepods/burstable/pod${metadata.uid}`
  expect(await memoryOf(group)).toBe(String(48 * MIB))
  const [ids, inGroup] = await Promise.all([
    cluster.onNode('n1', 'docker', 'ps', '-q', '--no-trunc', '--filter', 'name=whole'),
    cluster.onNode('n1', 'sh', '-c', `ls -d /sys/fs/cgroup${group}/*/ /sys/fs/cgroup/memory${group}/*/ 2>/dev/null`),
  ])
  for (const id of ids.stdout.trim().split('\n')) expect(inGroup.stdout).toContain(id)
  // Each has less than the pod may have, and both have more.
  const fill = (container: string) =>
    cluster.kubectl(
      '1.36',
      'exec',
      'whole',
      '-c',
      container,
      '--',
      'dd',
      'if=/dev/zero',
      `of=/dev/shm/${container}`,
      'bs=1M',
      'count=30',
    )
  expect((await fill('c0')).code).toBe(0)
  expect((await fill('c1')).code).not.toBe(0)
  const patch = JSON.stringify({ spec: { resources: { limits: { memory: '96Mi' } } } })
  await cluster.k('patch', 'pod', 'whole', '--subresource=resize', '-p', patch)
  await eventually(
    'the new limit',
    () => memoryOf(group),
    (now) => now === String(96 * MIB),
  )
  await cluster.k('delete', 'pod', 'whole')
  await eventually(
    'the end of the group',
    () => memoryOf(group),
    (now) => now === '',
  )
})

it('processes are of the groups in which their image lists their user, unless their pod wants it strict', async () => {
  const ids = { runAsUser: 1000, runAsGroup: 3000, supplementalGroups: [4000] }
  const users = { ...sleeping, image: IMAGE }
  await run('merged', [users], { securityContext: ids })
  await run('strict', [users], { securityContext: { ...ids, supplementalGroupsPolicy: 'Strict' } })
  await Promise.all([isReady('merged'), isReady('strict')])
  const groupsOf = (name: string): Promise<string> => cluster.k('exec', name, '--', 'id', '-G')
  expect((await groupsOf('merged')).trim()).toBe('3000 4000 50000')
  expect((await groupsOf('strict')).trim()).toBe('3000 4000')
  const { status } = await cluster.json<Pod>('get', 'pod', 'strict')
  expect(status?.containerStatuses?.[0]?.user).toEqual({
    linux: { uid: 1000, gid: 3000, supplementalGroups: [3000, 4000] },
  })
})
