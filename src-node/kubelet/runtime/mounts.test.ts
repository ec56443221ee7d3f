import { lstat, mkdir, mkdtemp, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Container, Pod, VolumeMount } from '#types/core/v1'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { containerMounts } from './mounts.ts'
import { PodFiles } from './pod-files.ts'

let root: string
let volume: string
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'mounts-')))
  volume = join(root, 'volume')
  await mkdir(join(volume, '..data'), { recursive: true })
  await writeFile(join(volume, '..data/key'), 'value')
  await symlink('..data/key', join(volume, 'key'))
  await writeFile(join(root, 'secret'), 'of the node')
  await symlink('../secret', join(volume, 'out'))
  await symlink('..', join(volume, 'up'))
  await symlink('nowhere', join(volume, 'dangling'))
})
afterAll(() => rm(root, { recursive: true }))

const files = () =>
  new PodFiles({
    stateDirectory: join(root, 'state'),
    clusterDns: '10.96.0.10',
    clusterDomain: 'cluster.local',
    host: { readFile: (path) => Promise.resolve(path.endsWith('hosts') ? '127.0.0.1 node\n' : 'nameserver 1.1.1.1\n') },
  })
const pod = partial<Pod>({ metadata: { name: 'p', namespace: 'ns', uid: 'u' }, spec: { containers: [] } })

function mountsOf(mount: Partial<VolumeMount>, env: Record<string, string> = {}, more: Partial<Container> = {}) {
  const container: Container = { name: 'c', volumeMounts: [{ name: 'v', mountPath: '/m', ...mount }], ...more }
  const request = { pod, container, attempt: 1, volumes: new Map([['v', volume]]), podIp: '10.244.0.2' }
  return containerMounts(files(), request, new Map(Object.entries(env)))
}
const first = async (...asked: Parameters<typeof mountsOf>) => (await mountsOf(...asked))[0]

describe('mounts of a container', () => {
  it('are its volumes and the files of the pod', async () => {
    const state = join(root, 'state/pods/u')
    expect(await mountsOf({ readOnly: true, mountPropagation: 'HostToContainer' })).toEqual([
      { source: volume, target: '/m', readOnly: true, propagation: 'rslave' },
      { source: join(state, 'etc/hosts'), target: '/etc/hosts', readOnly: false },
      { source: join(state, 'etc/resolv.conf'), target: '/etc/resolv.conf', readOnly: false },
      { source: join(state, 'containers/c/1'), target: '/dev/termination-log', readOnly: false },
    ])
    expect((await stat(join(state, 'containers/c/1'))).mode & 0o777).toBe(0o666)
  })

  it('are read-only in depth where that is asked for', async () => {
    expect((await first({ readOnly: true, recursiveReadOnly: 'IfPossible' }))?.recursive).toBe(true)
    expect(await first({ readOnly: true, recursiveReadOnly: 'Disabled' })).not.toHaveProperty('recursive')
    expect(await first({ recursiveReadOnly: 'IfPossible' })).not.toHaveProperty('recursive')
  })

  it("leave the pod's own files out where a volume takes their place", async () => {
    const targets = (await mountsOf({ mountPath: '/etc/hosts' }, {}, { terminationMessagePath: '/end' })).map(
      ({ target }) => target,
    )
    expect(targets).toEqual(['/etc/hosts', '/etc/resolv.conf', '/end'])
  })

  it('keep the resolver of a read-only container read-only, make paths absolute, pass on propagation', async () => {
    const mounts = await mountsOf(
      { mountPath: 'rel', mountPropagation: 'Bidirectional' },
      {},
      { securityContext: { readOnlyRootFilesystem: true } },
    )
    expect(mounts.map(({ target, readOnly }) => `${target} ${readOnly}`)).toEqual([
      '/rel false',
      '/etc/hosts false',
      '/etc/resolv.conf true',
      '/dev/termination-log false',
    ])
    expect(mounts[0]?.propagation).toBe('rshared')
  })

  it.each([
    [{ configMap: { name: 'x' } }, true],
    [{ secret: {} }, true],
    [{ projected: {} }, true],
    [{ downwardAPI: {} }, true],
    [{ persistentVolumeClaim: { claimName: 'x', readOnly: true } }, true],
    [{ persistentVolumeClaim: { claimName: 'x' } }, false],
    [{ emptyDir: {} }, false],
  ])('of a volume %j are read-only: %s', async (source, readOnly) => {
    const container: Container = { name: 'c', volumeMounts: [{ name: 'v', mountPath: '/m' }] }
    const holding = { ...pod, spec: { containers: [], volumes: [{ name: 'v', ...source }] } } as Pod
    const request = { pod: holding, container, attempt: 0, volumes: new Map([['v', volume]]), podIp: '' }
    expect((await containerMounts(files(), request, new Map()))[0]?.readOnly).toBe(readOnly)
  })

  it('fail for a volume that is not there', async () => {
    await expect(mountsOf({ name: 'w' })).rejects.toMatchObject({
      message: 'cannot find volume "w" to mount into container "c"',
      reason: 'CreateContainerConfigError',
    })
  })
})

describe('subPath', () => {
  it('resolves to the file itself: a later version of a configMap does not change the mount', async () => {
    expect((await first({ subPath: 'key' }))?.source).toBe(join(volume, '..data/key'))
    expect((await first({ subPath: '.' }))?.source).toBe(volume)
  })

  it('makes directories that are missing as the volume is', async () => {
    const { chmod } = await import('node:fs/promises')
    await chmod(volume, 0o777)
    expect((await first({ subPath: 'logs/today' }))?.source).toBe(join(volume, 'logs/today'))
    expect((await lstat(join(volume, 'logs/today'))).mode & 0o7777).toBe(0o777)
  })

  it('is expanded by all variables of the container', async () => {
    const mount = await first({ subPathExpr: 'by/$(POD)' }, { POD: 'p-1' })
    expect(mount?.source).toBe(join(volume, 'by/p-1'))
    await expect(mountsOf({ subPathExpr: '$(B)/$(A)/$(B)' }, { A: '' })).rejects.toThrow('missing value for A, B')
  })

  it.each([
    ['/abs', 'error SubPath `/abs` must not be an absolute path'],
    ['a/../b', "unable to provision SubPath `a/../b`: must not contain '..'"],
    ['out', 'failed to prepare subPath for volumeMount "v" of container "c"'],
    ['up/secret', 'failed to prepare subPath for volumeMount "v" of container "c"'],
    ['up/fresh', 'failed to prepare subPath for volumeMount "v" of container "c"'],
    ['dangling', 'failed to prepare subPath for volumeMount "v" of container "c"'],
    ['key/below', 'failed to prepare subPath for volumeMount "v" of container "c"'],
  ])('%j is refused: %s', async (subPath, message) => {
    await expect(mountsOf({ subPath })).rejects.toMatchObject({ message, reason: 'CreateContainerConfigError' })
    await expect(stat(join(root, 'fresh'))).rejects.toThrow('ENOENT')
  })

  it('of an image have no part that is not in it: the container cannot be created', async () => {
    const volumes = [{ name: 'v', image: { reference: 'i' } }]
    const ofImage = partial<Pod>({ ...pod, spec: { containers: [], volumes } })
    const container: Container = { name: 'c', volumeMounts: [{ name: 'v', mountPath: '/m', subPath: 'dangling' }] }
    const request = { pod: ofImage, container, attempt: 1, volumes: new Map([['v', volume]]), podIp: '10.244.0.2' }
    const refused: unknown = await containerMounts(files(), request, new Map()).catch((error: unknown) => error)
    expect(refused).toMatchObject({ message: 'subPath "dangling" not found in image volume "v"' })
    expect(refused).not.toHaveProperty('reason')
  })

  it('names the escape as the cause, for the log of the node', async () => {
    const error = await mountsOf({ subPath: 'out' }).catch((caught: unknown) => caught as Error)
    expect((error as Error).cause).toMatchObject({
      message: `subpath "${join(root, 'secret')}" not within volume path "${volume}"`,
    })
  })
})

describe('files of a pod', () => {
  it("hold the node's hosts on the node's network", async () => {
    const onHost = {
      ...pod,
      spec: { containers: [], hostNetwork: true, hostAliases: [{ ip: '1.2.3.4', hostnames: ['a'] }] },
    }
    const [hosts, resolv] = await files().write(onHost as Pod, '172.28.0.2')
    expect(await readFile(hosts!.source, 'utf8')).toBe(
      '# Kubernetes-managed hosts file (host network).\n127.0.0.1 node\n\n# Entries added by HostAliases.\n1.2.3.4\ta\n',
    )
    expect(await readFile(resolv!.source, 'utf8')).toBe('nameserver 1.1.1.1\n')
  })

  it('hold the seccomp profiles that pods name', async () => {
    const profile = (localhostProfile: string): Container => ({
      name: 'c',
      securityContext: { seccompProfile: { type: 'Localhost', localhostProfile } },
    })
    await mkdir(join(root, 'state/seccomp/profiles'), { recursive: true })
    await writeFile(join(root, 'state/seccomp/profiles/a.json'), '{}')
    expect(await files().seccompProfile(pod, profile('profiles/a.json'))).toBe('{}')
    expect(await files().seccompProfile(pod, { name: 'c' })).toBeUndefined()
    const path = join(root, 'state/seccomp/none.json')
    await expect(files().seccompProfile(pod, profile('none.json'))).rejects.toThrow(
      `cannot load seccomp profile "${path}": open ${path}: no such file or directory`,
    )
    await expect(files().seccompProfile(pod, profile('../../secret'))).rejects.toThrow('invalid seccomp profile name')
  })

  it('are written in place, and only when they change: running containers have them mounted', async () => {
    const [hosts] = await files().write(pod, '10.244.0.2')
    const before = await stat(hosts!.source, { bigint: true })
    await files().write(pod, '10.244.0.2')
    expect((await stat(hosts!.source, { bigint: true })).mtimeNs).toBe(before.mtimeNs)
    await files().write(pod, '10.244.0.3')
    const after = await stat(hosts!.source, { bigint: true })
    expect(after.ino).toBe(before.ino)
    expect(await readFile(hosts!.source, 'utf8')).toContain('10.244.0.3\tp\n')
  })

  it('go with their pod', async () => {
    await files().write(pod, '')
    await files().remove('')
    await stat(join(root, 'state/pods/u'))
    await files().remove('u')
    await expect(stat(join(root, 'state/pods/u'))).rejects.toThrow('ENOENT')
  })
})
