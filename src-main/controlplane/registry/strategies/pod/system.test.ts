import { expect, it } from 'vitest'
import { arrange, at, pod } from '../../testing/arrange.ts'

const create = async (spec: object) => {
  const { registry, write } = await arrange()
  return registry.create(at('v1', 'Pod', 'shop', 'p'), pod('p', {}, spec), write)
}
const [linux, windows] = [{ os: { name: 'linux' } }, { os: { name: 'windows' } }]
const containers = (securityContext: object) => ({ containers: [{ name: 'c', image: 'i', securityContext }] })
const user = { windowsOptions: { runAsUserName: 'ContainerUser' } }

it('takes what a pod’s system knows', async () => {
  await create({ ...linux, hostUsers: false, securityContext: { fsGroup: 1 }, ...containers({ privileged: true }) })
  await create({ ...windows, securityContext: { ...user, runAsNonRoot: true }, ...containers(user) })
  // What does not say its system may have both: a node knows which it is.
  await create({ securityContext: { ...user, fsGroup: 1 } })
})

it.each([
  [{ os: { name: '' } }, 'spec.os.name: Required value: cannot be empty'],
  [{ os: { name: 'plan9' } }, 'spec.os: Unsupported value: "plan9": supported values: "linux", "windows"'],
  [
    { ...linux, securityContext: user },
    'spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod',
  ],
  [
    { ...linux, ...containers(user) },
    'spec.containers[0].securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod',
  ],
  [{ ...windows, hostPID: true }, 'spec.hostPID: Forbidden: cannot be set for a windows pod'],
  [{ ...windows, hostUsers: true }, 'spec.hostUsers: Forbidden: cannot be set for a windows pod'],
  [{ ...windows, securityContext: { fsGroup: 1 } }, 'spec.securityContext.fsGroup: Forbidden: cannot be set'],
  [
    { ...windows, ...containers({ capabilities: {} }) },
    'spec.containers[0].securityContext.capabilities: Forbidden: cannot be set for a windows pod',
  ],
])('%j is refused: %s', async (spec, words) => {
  await expect(create(spec)).rejects.toThrow(words)
})

it.each([
  [{ type: '' }, 'appArmorProfile.type: Required value: type is required when appArmorProfile is set'],
  [{ type: 'Odd' }, 'appArmorProfile.type: Unsupported value: "Odd": supported values: "Localhost", "RuntimeDefault"'],
  [{ type: 'Localhost' }, 'localhostProfile: Required value: must be set when AppArmor type is Localhost'],
  [{ type: 'Localhost', localhostProfile: ' a' }, 'must not be padded with whitespace'],
  [{ type: 'Localhost', localhostProfile: 'a'.repeat(4096) }, 'localhostProfile: Too long'],
  [{ type: 'Unconfined', localhostProfile: 'a' }, 'can only be set when AppArmor type is Localhost'],
])('the AppArmor profile %j is refused: %s', async (appArmorProfile, words) => {
  await expect(create({ securityContext: { appArmorProfile } })).rejects.toThrow(words)
  await expect(create(containers({ appArmorProfile }))).rejects.toThrow(words)
  await create({ securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: 'mine' } } })
})
