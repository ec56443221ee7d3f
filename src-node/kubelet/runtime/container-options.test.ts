import { describe, expect, it } from 'vitest'
import type { Container, Pod, PodSecurityContext, SecurityContext } from '#types/core/v1'
import { type ContainerFacts, containerOptions } from './container-options.ts'
import { groupOf } from '../plan/naming.ts'
import { oomScore } from './resources.ts'
import { sandboxOptions } from './sandbox-options.ts'
import { checkNonRoot } from './security.ts'

const all = { privileged: true, lowOomScore: true }
const facts: ContainerFacts = {
  attempt: 2,
  group: '/kubepods/besteffort/podu',
  sandboxId: 'box',
  sandboxAttempt: 1,
  env: new Map([['NAME', 'x']]),
  mounts: [],
  imageUser: '',
  seccomp: undefined,
  memoryCapacity: 1000 * 2 ** 20,
}
const container = (more: Partial<Container> = {}): Container => ({ name: 'c', image: 'i', ...more })
const pod = (spec: Partial<Pod['spec']> = {}, qosClass = 'BestEffort') =>
  ({
    metadata: { name: 'p', namespace: 'ns', uid: 'u' },
    spec: { containers: [container()], ...spec },
    status: { qosClass },
  }) as Pod
const optionsOf = (more: Partial<Container>, spec?: Partial<Pod['spec']>, own: Partial<ContainerFacts> = {}) =>
  containerOptions(pod(spec), container(more), { ...facts, ...own }, all)
const hostOf = (...asked: Parameters<typeof optionsOf>) => optionsOf(...asked).HostConfig!

describe('what is asked of the engine', () => {
  it('expands command and arguments by the variables', () => {
    const made = optionsOf({ command: ['echo', '$(NAME)'], args: ['$$(NAME)', '$(NONE)'], workingDir: '/w' })
    expect(made.Entrypoint).toEqual(['echo', 'x'])
    expect(made.Cmd).toEqual(['$(NAME)', '$(NONE)'])
    expect(made.Env).toEqual(['NAME=x'])
    expect(made.WorkingDir).toBe('/w')
    expect(optionsOf({})).not.toHaveProperty('Entrypoint')
  })

  it('mounts, also from paths with a colon', () => {
    const mounts = [
      { source: '/a', target: '/x', readOnly: true },
      { source: '/b', target: '/y', readOnly: false, propagation: 'rshared' as const },
      { source: '/c:d', target: '/z', readOnly: true, propagation: 'rslave' as const },
      { source: '/e:f', target: '/t', readOnly: false },
      { source: '/g', target: '/r', readOnly: true, recursive: true as const },
    ]
    const host = hostOf({}, {}, { mounts })
    const shallow = { ReadOnlyNonRecursive: true, CreateMountpoint: true }
    expect(host.Binds).toEqual(['/b:/y:rw,rshared'])
    expect(host.Mounts).toEqual([
      { Type: 'bind', Source: '/a', Target: '/x', ReadOnly: true, BindOptions: shallow },
      {
        Type: 'bind',
        Source: '/c:d',
        Target: '/z',
        ReadOnly: true,
        BindOptions: { Propagation: 'rslave', ...shallow },
      },
      { Type: 'bind', Source: '/e:f', Target: '/t', ReadOnly: false },
      {
        Type: 'bind',
        Source: '/g',
        Target: '/r',
        ReadOnly: true,
        BindOptions: { Propagation: 'rprivate', ReadOnlyForceRecursive: true },
      },
    ])
  })

  it('has devices where it has volumes without a file system', () => {
    const devices = [{ PathOnHost: '/dev/a', PathInContainer: '/dev/b', CgroupPermissions: 'mrw' }]
    expect(hostOf({}, {}, { devices }).Devices).toEqual(devices)
    expect(hostOf({}, {}, { devices: [] })).not.toHaveProperty('Devices')
  })

  it("limits a container without limits of its own by its pod's", () => {
    const resources = { limits: { cpu: '2', memory: '64Mi' } }
    const limited = { CpuQuota: 200_000, Memory: 64 * 2 ** 20 }
    expect(hostOf({}, { resources })).toMatchObject(limited)
    expect(hostOf({ resources: { limits: { cpu: '1' } } }, { resources })).toMatchObject({
      ...limited,
      CpuQuota: 100_000,
    })
  })

  it("shares namespaces with the sandbox, or the node's where the pod says so", () => {
    expect(hostOf({})).toMatchObject({ NetworkMode: 'container:box', IpcMode: 'container:box' })
    expect(hostOf({})).not.toHaveProperty('PidMode')
    expect(hostOf({}, { shareProcessNamespace: true }).PidMode).toBe('container:box')
    expect(hostOf({}, {}, { targetId: 'other' }).PidMode).toBe('container:other')
    expect(hostOf({}, { hostPID: true }, { targetId: 'other' }).PidMode).toBe('host')
    expect(hostOf({}, { hostPID: true, hostIPC: true })).toMatchObject({ PidMode: 'host', IpcMode: 'host' })
  })

  it("is in its pod's control group, and says so to whoever reads its usage", () => {
    const { Labels } = optionsOf({})
    expect(hostOf({}).CgroupParent).toBe('/kubepods/besteffort/podu')
    expect(groupOf('id', Labels ?? {})).toBe('/kubepods/besteffort/podu/id')
    expect(groupOf('id', {})).toBe('/docker/id')
  })

  it('shares a shim with its sandbox', () => {
    const { sandboxAttempt: attempt } = facts
    const sandbox = sandboxOptions(pod(), { image: 'pause', attempt, clusterDomain: '', group: facts.group }, all)
    expect(hostOf({})).toMatchObject({ Annotations: { 'io.containerd.runc.v2.group': sandbox.name } })
    expect(sandbox.HostConfig).toMatchObject({ Annotations: { 'io.containerd.runc.v2.group': sandbox.name } })
  })

  it('tells whoever finds it where its last words are', () => {
    expect(
      optionsOf({ terminationMessagePath: '/end', terminationMessagePolicy: 'FallbackToLogsOnError' }).Labels,
    ).toMatchObject({
      'io.kubernetes.container.terminationMessagePath': '/end',
      'io.kubernetes.container.terminationMessagePolicy': 'FallbackToLogsOnError',
    })
  })
})

describe('resources', () => {
  it.each([
    [{}, { CpuShares: 2 }],
    [{ requests: { cpu: '250m' } }, { CpuShares: 256 }],
    [{ limits: { cpu: '2' } }, { CpuShares: 2048, CpuPeriod: 100_000, CpuQuota: 200_000 }],
    [
      { limits: { cpu: '1m' }, requests: { cpu: '1m' } },
      { CpuShares: 2, CpuQuota: 1000 },
    ],
    [{ requests: { cpu: '1000' } }, { CpuShares: 262_144 }],
    [{ limits: { memory: '64Mi' } }, { Memory: 64 * 2 ** 20, MemorySwap: 64 * 2 ** 20 }],
    [{ limits: { memory: '1Mi' } }, { Memory: 6 * 2 ** 20 }],
  ])('%j become %j', (resources, expected) => expect(hostOf({ resources })).toMatchObject(expected))

  const asking = (memory: string, more: object = {}) =>
    ({ ...container(), resources: { requests: { memory } }, ...more }) as Container

  it.each([
    ['Guaranteed', '1Mi', -997],
    ['BestEffort', '0', 1000],
    ['Burstable', '0', 999],
    ['Burstable', '250Mi', 750],
    ['Burstable', '1000Mi', 3],
    ['Burstable', '4000Mi', 3],
  ])('a %s container that asks for %s has the OOM score %i', (qos, memory, score) =>
    expect(oomScore(pod({}, qos), asking(memory), facts.memoryCapacity)).toBe(score),
  )

  it('critical pods are safest, and sidecars at least as safe as what they serve', () => {
    expect(oomScore(pod({ priority: 2_000_001_000 }, 'Burstable'), asking('0'), facts.memoryCapacity)).toBe(-997)
    const sidecar = asking('1Mi', { restartPolicy: 'Always' })
    const served = pod({ containers: [asking('100Mi'), asking('500Mi')] }, 'Burstable')
    expect(oomScore(served, sidecar, facts.memoryCapacity)).toBe(900)
  })

  it('what a pod asks for as a whole makes all of its containers safer', () => {
    const whole = pod(
      { containers: [asking('100Mi'), asking('0')], resources: { requests: { memory: '300Mi' } } },
      'Burstable',
    )
    expect(whole.spec.containers.map((one) => oomScore(whole, one, facts.memoryCapacity))).toEqual([800, 900])
  })

  it('a score below zero is given up where the kernel refuses it', () => {
    const asked = (qos: string, { lowOomScore }: { lowOomScore: boolean }) =>
      containerOptions(pod({}, qos), container(), facts, { ...all, lowOomScore }).HostConfig?.OomScoreAdj
    expect(asked('Guaranteed', { lowOomScore: true })).toBe(-997)
    expect(asked('Guaranteed', { lowOomScore: false })).toBe(0)
    expect(asked('BestEffort', { lowOomScore: false })).toBe(1000)
  })
})

describe('rights', () => {
  const rightsOf = (securityContext: SecurityContext, shared?: PodSecurityContext, own?: Partial<ContainerFacts>) =>
    hostOf({ securityContext }, { securityContext: shared }, own)

  it('are no more than asked for', () => {
    expect(rightsOf({})).toMatchObject({
      ReadonlyRootfs: false,
      GroupAdd: [],
      CapAdd: [],
      CapDrop: [],
      SecurityOpt: ['seccomp=unconfined'],
    })
    const asked = rightsOf(
      {
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        procMount: 'Unmasked',
        capabilities: { add: ['CAP_NET_ADMIN', 'SYS_TIME'], drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' },
        appArmorProfile: { type: 'Localhost', localhostProfile: 'mine' },
      },
      { fsGroup: 2000, supplementalGroups: [3000, 2000], seccompProfile: { type: 'Unconfined' } },
    )
    expect(asked).toMatchObject({
      ReadonlyRootfs: true,
      GroupAdd: ['2000', '3000'],
      CapAdd: ['NET_ADMIN', 'SYS_TIME'],
      CapDrop: ['ALL'],
      SecurityOpt: ['apparmor=mine', 'no-new-privileges'],
      MaskedPaths: [],
      ReadonlyPaths: [],
    })
  })

  it('say who its first process is, for its status', () => {
    const { Labels, User } = optionsOf({}, { securityContext: { runAsUser: 7, fsGroup: 5 } })
    expect(User).toBe('7')
    expect(JSON.parse(Labels?.['dev.drydock.container.user'] ?? '')).toEqual({
      uid: 7,
      gid: 0,
      supplementalGroups: [0, 5],
    })
    expect(optionsOf({}, {}, { imageUser: 'unknown' }).Labels).not.toHaveProperty('dev.drydock.container.user')
  })

  it('are those of the groups of its volumes, too', () => {
    const asked = rightsOf({}, { supplementalGroups: [3000, 1234] }, { extraGroups: [1234, 5] })
    expect(asked.GroupAdd).toEqual(['3000', '1234', '5'])
  })

  it("take the pod's profiles where the container has none", () => {
    expect(rightsOf({}, { seccompProfile: { type: 'RuntimeDefault' } }).SecurityOpt).toEqual([])
    const local = { seccompProfile: { type: 'Localhost' as const, localhostProfile: 'p.json' } }
    expect(rightsOf({}, local, { seccomp: '{}' }).SecurityOpt).toEqual(['seccomp={}'])
    expect(rightsOf({}, { appArmorProfile: { type: 'Unconfined' } }).SecurityOpt).toContain('apparmor=unconfined')
  })

  it("take the engine's own filter without a word where the node has it so", () => {
    expect(rightsOf({}, undefined, { seccompDefault: true }).SecurityOpt).toEqual([])
    const unconfined = rightsOf({ seccompProfile: { type: 'Unconfined' } }, undefined, { seccompDefault: true })
    expect(unconfined.SecurityOpt).toEqual(['seccomp=unconfined'])
  })

  it('are all of them for a privileged container, by parts where the engine refuses the whole', () => {
    expect(rightsOf({ privileged: true })).toMatchObject({ Privileged: true })
    const refused = { ...all, privileged: false }
    const parts = containerOptions(pod(), container({ securityContext: { privileged: true } }), facts, refused)
    expect(parts.HostConfig).toMatchObject({ CapAdd: ['ALL'], CapDrop: ['SYS_RESOURCE'] })
    expect(parts.HostConfig).not.toHaveProperty('Privileged')
  })
})

describe('the user', () => {
  it.each([
    [{}, {}, 'app', undefined],
    [{ runAsUser: 5 }, {}, '', '5'],
    [{}, { runAsUser: 0 }, 'app', '0'],
    [{ runAsUser: 5 }, { runAsUser: 6, runAsGroup: 7 }, '', '5:7'],
    [{ runAsGroup: 7 }, {}, 'app:staff', 'app:7'],
    [{ runAsGroup: 7 }, {}, '', '0:7'],
  ])('of %j in a pod of %j with the image user %j is %j', (securityContext, shared, image, user) =>
    expect(optionsOf({ securityContext }, { securityContext: shared }, { imageUser: image }).User).toBe(user),
  )

  it.each([
    [{}, '', undefined],
    [{ runAsNonRoot: false }, '', undefined],
    [{ runAsNonRoot: true, runAsUser: 1 }, 'root', undefined],
    [{ runAsNonRoot: true }, '1000:1000', undefined],
    [{ runAsNonRoot: true, runAsUser: 0 }, '1', "container's runAsUser breaks non-root policy"],
    [{ runAsNonRoot: true }, '', 'container has runAsNonRoot and image will run as root'],
    [{ runAsNonRoot: true }, '0:1', 'container has runAsNonRoot and image will run as root'],
    [
      { runAsNonRoot: true },
      'app:1',
      'container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root',
    ],
  ])('%j with the image user %j: %s', (securityContext, image, message) => {
    const check = () => checkNonRoot(pod(), container({ securityContext }), image)
    if (!message) return expect(check).not.toThrow()
    expect(check).toThrow(
      expect.objectContaining({
        message: `${message} (pod: "p_ns(u)", container: c)`,
        reason: 'CreateContainerConfigError',
      }),
    )
  })

  it("the pod's runAsNonRoot holds where the container says nothing", () => {
    const strict = pod({ securityContext: { runAsNonRoot: true } })
    expect(() => checkNonRoot(strict, container(), '')).toThrow('will run as root')
    expect(() => checkNonRoot(strict, container({ securityContext: { runAsNonRoot: false } }), '')).not.toThrow()
  })
})
