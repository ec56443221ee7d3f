import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { makeNode, modeOf, podWith, textOf } from './testing/node.ts'

const settings = { metadata: { name: 'settings', namespace: 'a' }, data: { level: 'low', depth: '3' } }
const keys = { metadata: { name: 'keys', namespace: 'a' }, data: { key: Buffer.from('sésame').toString('base64') } }

it('a volume that no container uses is not looked at: whether it could be made does not matter', async () => {
  const { volumes } = makeNode()
  expect(await volumes.setUp(podWith({ configMap: { name: 'none' } }, { initContainers: [] }), {})).toEqual(new Map())
  await expect(volumes.setUp(podWith({ configMap: { name: 'none' } }), {})).rejects.toThrow(
    'configmap "none" not found',
  )
})

describe('volumes that the kubelet writes', () => {
  it('hold the keys of a configMap, all or those asked for, with their modes', async () => {
    const { server, volumes } = makeNode()
    server.put(refs.configMaps, { ...settings, binaryData: { raw: 'AAE=' } })
    const all = (await volumes.setUp(podWith({ configMap: { name: 'settings', defaultMode: 0o400 } }), {})).get('v')!
    expect(await textOf(all, 'level')).toBe('low')
    expect([...(await readFile(join(all, 'raw')))]).toEqual([0, 1])
    expect(await modeOf(all, 'level')).toBe('400')
    const items = [
      { key: 'level', path: 'deep/l', mode: 0o600 },
      { key: 'depth', path: 'd' },
    ]
    const some = podWith({ configMap: { name: 'settings', items } }, {}, { uid: 'u2' })
    const directory = (await volumes.setUp(some, {})).get('v')!
    expect([await modeOf(directory, 'deep/l'), await modeOf(directory, 'd')]).toEqual(['600', '644'])
    await expect(stat(join(directory, 'level'))).rejects.toThrow('ENOENT')
  })

  it.each([
    [{ configMap: { name: 'none' } }, 'configmap "none" not found'],
    [{ secret: { secretName: 'none' } }, 'secret "none" not found'],
    [
      { configMap: { name: 'settings', items: [{ key: 'k', path: 'p' }] } },
      'configmap references non-existent config key: k',
    ],
    [{ secret: { secretName: 'keys', items: [{ key: 'k', path: 'p' }] } }, 'references non-existent secret key: k'],
    [{ downwardAPI: { items: [{ path: 'p', fieldRef: { fieldPath: 'x' } }] } }, 'unsupported fieldPath: x'],
    [
      { downwardAPI: { items: [{ path: 'p', resourceFieldRef: { containerName: 'z', resource: 'limits.cpu' } }] } },
      'container z not found',
    ],
    [{ glusterfs: { endpoints: 's', path: '/' } }, 'no volume plugin matched'],
    [{ emptyDir: { medium: 'Disk' } }, 'unknown storage medium "Disk"'],
  ])('%j fails: %s', async (volume, words) => {
    const { server, volumes } = makeNode()
    server.put(refs.configMaps, settings)
    server.put(refs.secrets, keys)
    await expect(volumes.setUp(podWith(volume), {})).rejects.toMatchObject({
      message: `MountVolume.SetUp failed for volume "v" : ${words}`,
      volume: 'v',
    })
  })

  it('are empty where what is optional is missing, and filled when it comes', async () => {
    const { server, volumes } = makeNode()
    const items = [{ key: 'level', path: 'l' }]
    const pod = podWith({ configMap: { name: 'settings', optional: true, items } })
    const directory = (await volumes.setUp(pod, {})).get('v')!
    await expect(stat(join(directory, 'l'))).rejects.toThrow('ENOENT')
    server.put(refs.configMaps, settings)
    await vi.waitFor(async () => expect(await textOf(directory, 'l')).toBe('low'))
  })

  it('lose the files of what is optional and goes, and keep those of what is not', async () => {
    const { server, volumes, logged } = makeNode()
    const directories: string[] = []
    for (const optional of [true, false]) {
      server.put(refs.configMaps, settings)
      const pod = podWith({ configMap: { name: 'settings', optional } }, {}, { uid: `u-${optional}` })
      directories.push((await volumes.setUp(pod, {})).get('v')!)
    }
    server.remove(refs.configMaps, 'settings', 'a')
    await vi.waitFor(() => expect(stat(join(directories[0]!, 'level'))).rejects.toThrow('ENOENT'))
    await vi.waitFor(() => expect(logged).toContain('volume v of a/p: Error: configmap "settings" not found'))
    expect(await textOf(directories[1]!, 'level')).toBe('low')
  })

  it('may be made of several parts, later ones over earlier', async () => {
    const { server, volumes } = makeNode()
    server.put(refs.configMaps, settings)
    server.put(refs.secrets, keys)
    const sources = [
      { configMap: { name: 'settings' } },
      { secret: { name: 'keys', items: [{ key: 'key', path: 'level' }] } },
      { downwardAPI: { items: [{ path: 'cpu', resourceFieldRef: { containerName: 'c', resource: 'limits.cpu' } }] } },
      { serviceAccountToken: { path: 'token', audience: 'vault' } },
    ]
    const directory = (await volumes.setUp(podWith({ projected: { sources, defaultMode: 0o440 } }), {})).get('v')!
    expect(await textOf(directory, 'level')).toBe('sésame')
    expect(await textOf(directory, 'depth')).toBe('3')
    expect(await textOf(directory, 'cpu')).toBe('4')
    expect(await textOf(directory, 'token')).toBe('token-1')
    expect(await modeOf(directory, 'depth')).toBe('440')
    expect(server.calls.find((call) => call.subresource === 'token')?.body).toMatchObject({
      spec: { audiences: ['vault'], expirationSeconds: 3600, boundObjectRef: { kind: 'Pod', name: 'p', uid: 'u' } },
    })
  })

  it("are the group's to read where the pod has one", async () => {
    const { server, volumes, ran } = makeNode()
    server.put(refs.secrets, keys)
    const fsGroup = process.getgid!()
    const pod = podWith({ secret: { secretName: 'keys', defaultMode: 0o400 } }, { securityContext: { fsGroup } })
    const directory = (await volumes.setUp(pod, {})).get('v')!
    expect(await modeOf(directory, 'key')).toBe('440')
    expect(await modeOf(directory)).toBe('3777')
    expect(ran).toEqual([])
  })

  it('follow the labels of their pod', async () => {
    const { volumes } = makeNode()
    const items = [
      { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
      { path: 'ip', fieldRef: { fieldPath: 'status.podIP' } },
    ]
    const pod = (labels: object) => podWith({ downwardAPI: { items } }, {}, { labels })
    await volumes.update(pod({}), {})
    const directory = (await volumes.setUp(pod({ a: '1' }), {})).get('v')!
    expect([await textOf(directory, 'labels'), await textOf(directory, 'ip')]).toEqual(['a="1"', ''])
    await volumes.update(pod({ a: '2' }), { podIp: '10.244.0.2' })
    expect([await textOf(directory, 'labels'), await textOf(directory, 'ip')]).toEqual(['a="2"', '10.244.0.2'])
  })
})

describe('a change that cannot be written', () => {
  it('leaves the old files and is tried again', async () => {
    const { server, volumes, clock, logged } = makeNode()
    server.put(refs.configMaps, settings)
    const items = [{ key: 'level', path: 'l' }]
    const directory = (await volumes.setUp(podWith({ configMap: { name: 'settings', items } }), {})).get('v')!
    server.put(refs.configMaps, { ...settings, data: {} })
    const words = 'volume v of a/p: Error: configmap references non-existent config key: level'
    await vi.waitFor(() => expect(logged).toContain(words))
    expect(await textOf(directory, 'l')).toBe('low')
    server.put(refs.configMaps, { ...settings, data: { level: 'high' } })
    await vi.waitFor(async () => {
      await clock.advance(10_000)
      expect(await textOf(directory, 'l')).toBe('high')
    })
  })
})

describe('tokens', () => {
  const sources = [{ serviceAccountToken: { path: 'token' } }]

  it('are renewed at four fifths of their life, and serve on while the server is away', async () => {
    const { clock, volumes, issued, logged } = makeNode()
    const directory = (await volumes.setUp(podWith({ projected: { sources } }), {})).get('v')!
    const token = () => textOf(directory, 'token')
    await clock.advance(2879_000)
    expect(await token()).toBe('token-1')
    issued.fails = true
    await clock.advance(1000)
    expect(await token()).toBe('token-1')
    issued.fails = false
    await vi.waitFor(async () => {
      await clock.advance(10_000)
      expect(await token()).toBe('token-2')
    })
    expect(logged).toEqual([])
  })

  it('are not kept longer than a day', async () => {
    const { clock, volumes, issued } = makeNode()
    issued.seconds = 30 * 24 * 3600
    const directory = (await volumes.setUp(podWith({ projected: { sources } }), {})).get('v')!
    await clock.advance(24 * 3_600_000)
    await vi.waitFor(async () => expect(await textOf(directory, 'token')).toBe('token-2'))
  })

  it("are their user's alone where all containers run as the same", async () => {
    const { volumes } = makeNode()
    const runAsUser = process.getuid!()
    const same = podWith({ projected: { sources } }, { securityContext: { runAsUser } })
    expect(await modeOf((await volumes.setUp(same, {})).get('v')!, 'token')).toBe('600')
    const containers = [{ name: 'c', securityContext: { runAsUser: runAsUser + 1 } }, { name: 'd' }]
    const mixed = podWith({ projected: { sources } }, { containers, securityContext: { runAsUser } }, { uid: 'u2' })
    expect(await modeOf((await volumes.setUp(mixed, {})).get('v')!, 'token')).toBe('644')
  })

  it('that cannot be had say why', async () => {
    const { volumes, issued, server } = makeNode()
    issued.fails = true
    const pod = podWith({ projected: { sources } })
    await expect(volumes.setUp(pod, {})).rejects.toThrow('failed to fetch token: the server is away')
    server.intercept = (call) => (call.subresource === 'token' ? partial({ status: {} }) : undefined)
    await expect(volumes.setUp(pod, {})).rejects.toThrow('failed to fetch token: the answer has no token')
  })
})

it('a volume of several parts says at once what all of them lack', async () => {
  const { volumes } = makeNode()
  const sources = [{ configMap: { name: 'none' } }, ...[1, 2].map(() => ({ secret: { name: 'neither' } }))]
  const made = volumes.setUp(podWith({ projected: { sources } }), {})
  await expect(made).rejects.toThrow('volume "v" : [configmap "none" not found, secret "neither" not found]')
})

describe('empty directories', () => {
  it("are everyone's to change", async () => {
    const { volumes } = makeNode()
    expect(await modeOf((await volumes.setUp(podWith({ emptyDir: {} }), {})).get('v')!)).toBe('777')
  })

  it("are the group's where the pod has one", async () => {
    const { volumes, ran } = makeNode()
    await volumes.setUp(podWith({ emptyDir: {} }, { securityContext: { fsGroup: 2000 } }), {})
    const path = '/pods/u/volumes/kubernetes.io~empty-dir/v'
    expect(ran).toEqual([
      `chown -R :2000 ${path}`,
      `chmod -R g+rwX ${path}`,
      `find ${path} -type d -exec chmod g+s {} +`,
    ])
  })
})

describe('the end of a pod', () => {
  it('takes its volumes away, what is mounted first', async () => {
    const { volumes, ran, mounts, stateDirectory } = makeNode()
    await volumes.setUp(podWith({ emptyDir: {} }), {})
    mounts.push('/pods/u/a', '/pods/u/a/b', '/pods/u2/a')
    await volumes.tearDown('u')
    expect(ran).toEqual(['umount -l /pods/u/a/b', 'umount -l /pods/u/a'])
    await expect(stat(join(stateDirectory, 'pods/u'))).rejects.toThrow('ENOENT')
  })

  it('ends what was followed', async () => {
    const { volumes, server, stateDirectory, clock } = makeNode()
    server.put(refs.configMaps, settings)
    const sources = [{ configMap: { name: 'settings' } }, { serviceAccountToken: { path: 'token' } }]
    await volumes.setUp(podWith({ projected: { sources } }), {})
    await volumes.tearDown('u')
    await volumes.tearDown('')
    server.put(refs.configMaps, { ...settings, data: { level: 'high' } })
    await clock.advance(3600_000)
    await expect(stat(join(stateDirectory, 'pods/u'))).rejects.toThrow('ENOENT')
    await stat(join(stateDirectory, 'pods'))
  })
})

describe('an image as a volume', () => {
  it('is its layers, one over the other, for nobody to change or run', async () => {
    const { volumes, ran } = makeNode()
    const at = '/pods/u/volumes/kubernetes.io~image/v'
    await volumes.setUp(podWith({ image: { reference: 'many' } }), {})
    expect(ran).toEqual([`mount -t overlay -o ro,noexec,lowerdir=/c:/b:/a overlay ${at}`])
  })

  it('of a single layer is that directory', async () => {
    const { volumes, ran } = makeNode()
    const at = '/pods/u/volumes/kubernetes.io~image/v'
    await volumes.setUp(podWith({ image: { reference: 'one' } }), {})
    expect(ran).toEqual([`mount --bind /a ${at}`, `mount -o remount,bind,ro,noexec ${at}`])
  })
})
