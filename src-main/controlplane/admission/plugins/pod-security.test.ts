import { describe, expect, test } from 'vitest'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { attributes, FakeObjects, run } from '../testing/arrange.ts'
import { podSecurity } from './pod-security.ts'

const label = (mode: string, value: string) => ({ [`pod-security.kubernetes.io/${mode}`]: value })
const space = (labels: object, name = 'shop') => ({ metadata: { name, labels } })
const pod = (spec: object = {}, container: object = {}, annotations = {}) => ({
  metadata: { name: 'p', namespace: 'shop', annotations },
  spec: { containers: [{ name: 'c', image: 'i', ...container }], ...spec },
})
const safe = {
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  },
}

function arrange(labels: object) {
  const objects = new FakeObjects()
  objects.put('', 'namespaces', space(labels))
  return { objects, plugins: [podSecurity(objects)] }
}

/** What is said of a pod under a level: the words of the refusal after its standard. */
async function said(level: string, object: object, version?: string): Promise<string> {
  const { plugins } = arrange({ ...label('enforce', level), ...(version ? label('enforce-version', version) : {}) })
  try {
    await run(plugins, attributes('', 'Pod', object))
    return ''
  } catch (error) {
    return (error as Error).message.replace(/^pods "p" is forbidden: violates PodSecurity "[^"]*": /, '')
  }
}

test('A pod that breaks every rule of restricted is told of each', async () => {
  const { plugins } = arrange(label('enforce', 'restricted'))
  await expect(run(plugins, attributes('', 'Pod', pod()))).rejects.toMatchObject({
    code: 403,
    message:
      'pods "p" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  })
  await run(plugins, attributes('', 'Pod', pod({}, safe)))
})

const security = (context: object) => ({ securityContext: context })

describe('baseline', () => {
  test.each<[object, string]>([
    [pod(), ''],
    [
      pod({ hostNetwork: true, hostPID: true, hostIPC: true }),
      'host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)',
    ],
    [pod({ volumes: [{ name: 'v', hostPath: { path: '/' } }] }), 'hostPath volumes (volume "v")'],
    [
      pod({}, { ports: [{ hostPort: 80 }, { hostPort: 8080 }, { containerPort: 1 }] }),
      'hostPort (container "c" uses hostPorts 80, 8080)',
    ],
    [
      pod({}, security({ privileged: true })),
      'privileged (container "c" must not set securityContext.privileged=true)',
    ],
    [
      pod({ initContainers: [{ name: 'i', ...security({ privileged: true }) }] }, security({ privileged: true })),
      'privileged (containers "i", "c" must not set securityContext.privileged=true)',
    ],
    [
      pod({}, security({ procMount: 'Unmasked' })),
      'procMount (container "c" must not set securityContext.procMount to "Unmasked")',
    ],
    [
      pod({}, security({ capabilities: { add: ['NET_ADMIN', 'CHOWN'] } })),
      'non-default capabilities (container "c" must not include "NET_ADMIN" in securityContext.capabilities.add)',
    ],
    [
      pod(security({ seccompProfile: { type: 'Unconfined' } })),
      'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      pod({}, security({ seccompProfile: { type: 'Unconfined' } })),
      'seccompProfile (container "c" must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      pod(security({ sysctls: [{ name: 'kernel.msgmax' }, { name: 'kernel.shm_rmid_forced' }] })),
      'forbidden sysctls (kernel.msgmax)',
    ],
    [
      pod(
        security({ seLinuxOptions: { type: 'spc_t', user: 'u', role: 'r' } }),
        security({ seLinuxOptions: { user: 'u' } }),
      ),
      'seLinuxOptions (pod and container "c" set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set; role may not be set)',
    ],
    [
      pod(security({ windowsOptions: { hostProcess: true } }), security({ windowsOptions: { hostProcess: true } })),
      'hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true and container "c" must not set securityContext.windowsOptions.hostProcess=true)',
    ],
    [
      pod(security({ appArmorProfile: { type: 'Unconfined' } }), security({ appArmorProfile: { type: 'Unconfined' } })),
      'forbidden AppArmor profiles (pod must not set AppArmor profile type to "Unconfined", container "c" must not set AppArmor profile type to "Unconfined")',
    ],
    [
      pod({}, {}, { 'container.apparmor.security.beta.kubernetes.io/c': 'unconfined' }),
      'forbidden AppArmor profile (annotation "container.apparmor.security.beta.kubernetes.io/c=unconfined")',
    ],
    [
      pod(
        {},
        { livenessProbe: { httpGet: { host: 'evil' } }, lifecycle: { preStop: { tcpSocket: { host: 'worse' } } } },
      ),
      'probe or lifecycle host (container "c" uses probe or lifecycle hosts "evil", "worse")',
    ],
  ])('of %j says %s', async (object, words) => {
    expect(await said('baseline', object)).toBe(words)
  })

  test('is as it was at the version that is asked for', async () => {
    const tcp = pod(security({ sysctls: [{ name: 'net.ipv4.tcp_rmem' }] }))
    expect(await said('baseline', tcp, 'v1.31')).toBe('forbidden sysctls (net.ipv4.tcp_rmem)')
    expect(await said('baseline', tcp, 'v1.32')).toBe('')
    const probing = pod({}, { readinessProbe: { httpGet: { host: 'a' } } })
    expect(await said('baseline', probing, 'v1.33')).toBe('')
  })
})

describe('restricted', () => {
  test.each<[object, string]>([
    [
      pod(
        { volumes: [{ name: 'v', hostPath: {} }, { name: 'w', nfs: {} }, { name: 'x', emptyDir: {} }, { name: 'y' }] },
        safe,
      ),
      'restricted volume types (volumes "v", "w" use restricted volume types "hostPath", "nfs")',
    ],
    [
      pod(security({ runAsUser: 0 }), security({ ...safe.securityContext, runAsUser: 0 })),
      'runAsUser=0 (pod must not set runAsUser=0 and container "c" must not set runAsUser=0)',
    ],
    [
      pod(security({ runAsNonRoot: false }), security({ ...safe.securityContext, runAsNonRoot: false })),
      'runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false and container "c" must not set securityContext.runAsNonRoot=false)',
    ],
    [
      pod(
        {},
        security({ ...safe.securityContext, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE', 'CHOWN'] } }),
      ),
      'unrestricted capabilities (container "c" must not include "CHOWN" in securityContext.capabilities.add)',
    ],
    [
      pod(
        security({ seccompProfile: { type: 'Unconfined' } }),
        security({ ...safe.securityContext, seccompProfile: { type: 'Unconfined' } }),
      ),
      'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined" and container "c" must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [pod({ os: { name: 'windows' }, ...security({ runAsNonRoot: true }) }), ''],
  ])('of %j says %s', async (object, words) => {
    expect(await said('restricted', object)).toBe(words)
  })

  test('asked less before', async () => {
    expect(await said('restricted', pod(security({ runAsNonRoot: true })), 'v1.7')).toBe('')
  })
})

describe('PodSecurity', () => {
  test('warns of pods and of what makes pods, and goes with what is enforced', async () => {
    const { plugins } = arrange(label('warn', 'baseline'))
    const asked = attributes('', 'Pod', pod({ hostPID: true }))
    await run(plugins, asked)
    expect(asked.warnings).toEqual(['would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)'])
    const enforced = arrange({ ...label('enforce', 'baseline'), ...label('enforce-version', 'v1.30') })
    const template = { spec: pod({ hostPID: true }).spec }
    const metadata = { name: 'd', namespace: 'shop' }
    for (const [group, kind, object] of [
      ['apps', 'Deployment', { metadata, spec: { template } }],
      ['batch', 'CronJob', { metadata, spec: { jobTemplate: { spec: { template } } } }],
      ['', 'PodTemplate', { kind: 'PodTemplate', metadata, template }],
    ] as const) {
      const making = attributes(group, kind, object)
      await run(enforced.plugins, making)
      expect(making.warnings).toEqual(['would violate PodSecurity "baseline:v1.30": host namespaces (hostPID=true)'])
    }
  })

  test('tells the audit by what it judged, and what a standard for it finds', async () => {
    const { plugins } = arrange({ ...label('enforce', 'privileged'), ...label('audit', 'baseline') })
    const told: Record<string, string> = {}
    const annotate = (key: string, value: string) => void (told[key] = value)
    await run(plugins, attributes('', 'Pod', pod({ hostPID: true }), { annotate }))
    expect(told).toEqual({
      'pod-security.kubernetes.io/enforce-policy': 'privileged:latest',
      'pod-security.kubernetes.io/audit-violations':
        'would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)',
    })
  })

  test('looks at a changed pod only where the change matters', async () => {
    const { plugins } = arrange(label('enforce', 'baseline'))
    const before = pod({ hostPID: true })
    const asked = (now: object, subresource = '') =>
      run(plugins, attributes('', 'Pod', now, { operation: 'UPDATE', oldObject: partial(before), subresource }))
    await asked({ ...before, metadata: { ...before.metadata, labels: { a: 'b' } } })
    await asked(pod({ hostPID: true }, { image: 'j' }), 'status')
    await expect(asked(pod({ hostPID: true }, { image: 'j' }))).rejects.toMatchObject({ code: 403 })
    const debugging = { ...before, spec: { ...before.spec, ephemeralContainers: [{ name: 'e' }] } }
    await expect(asked(debugging, 'ephemeralcontainers')).rejects.toMatchObject({ code: 403 })
  })

  test('refuses labels that say nothing, unless they said it before', async () => {
    const { plugins } = arrange({})
    const odd = { ...label('enforce', 'most'), ...label('warn-version', '1.2') }
    await expect(run(plugins, attributes('', 'Namespace', space(odd)))).rejects.toMatchObject({
      code: 422,
      message:
        'Namespace "shop" is invalid: [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "most": must be one of privileged, baseline, restricted, metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.2": must be "latest" or "v1.x"]',
    })
    await run(plugins, attributes('', 'Namespace', space(odd), { operation: 'UPDATE', oldObject: partial(space(odd)) }))
  })

  test('tells which pods a stricter namespace would refuse', async () => {
    const { objects, plugins } = arrange({})
    for (const name of ['b', 'a', 'c']) {
      const one = pod({ hostPID: true })
      objects.put('', 'pods', { ...one, metadata: { ...one.metadata, name } })
    }
    const old = space({})
    const asked = attributes('', 'Namespace', space(label('enforce', 'baseline')), {
      operation: 'UPDATE',
      oldObject: partial(old),
    })
    await run(plugins, asked)
    expect(asked.warnings).toEqual([
      'existing pods in namespace "shop" violate the new PodSecurity enforce level "baseline:latest"',
      'a (and 2 other pods): host namespaces',
    ])
  })

  test('follows the labels of a namespace', async () => {
    const { objects, plugins } = arrange(label('enforce', 'baseline'))
    await expect(run(plugins, attributes('', 'Pod', pod({ hostPID: true })))).rejects.toMatchObject({ code: 403 })
    objects.put('', 'namespaces', space({}))
    await run(plugins, attributes('', 'Pod', pod({ hostPID: true })))
  })
})
