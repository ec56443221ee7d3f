import { describe, expect, test } from 'vitest'
import { arrange, at } from '../../testing/arrange.ts'

const key = (name: string): string => `container.apparmor.security.beta.kubernetes.io/${name}`
const told = `metadata.annotations[${key('c')}]: deprecated since v1.30; use the "appArmorProfile" field instead`

async function created(annotations: object, shared?: object, own?: object) {
  const { registry, write, warnings } = await arrange()
  const security = (appArmorProfile?: object) => (appArmorProfile ? { securityContext: { appArmorProfile } } : {})
  const spec = { ...security(shared), containers: [{ name: 'c', image: 'i', ...security(own) }] }
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'd', annotations }, spec }
  const { object } = await registry.create({ ...at('v1', 'Pod', 'd', 'p'), name: '' }, pod, write)
  const [container] = (object['spec'] as typeof spec).containers
  const { securityContext } = container as { securityContext?: { appArmorProfile?: object } }
  return { profile: securityContext?.appArmorProfile, warnings }
}

const unconfined = { type: 'Unconfined' }

describe('The annotation of a container', () => {
  test.each<[annotation: string, profile: object | undefined]>([
    ['unconfined', unconfined],
    ['runtime/default', { type: 'RuntimeDefault' }],
    ['localhost/mine', { type: 'Localhost', localhostProfile: 'mine' }],
    ['', undefined],
  ])('%j becomes %j', async (annotation, profile) => {
    expect(await created({ [key('c')]: annotation })).toEqual({ profile, warnings: [told] })
  })

  test('leaves a field as it is, and what the pod says for all', async () => {
    const annotations = { [key('c')]: 'unconfined' }
    expect(await created(annotations, undefined, unconfined)).toEqual({ profile: unconfined, warnings: [] })
    expect(await created(annotations, unconfined)).toEqual({ profile: undefined, warnings: [] })
    const other = await created(annotations, { type: 'RuntimeDefault' })
    expect(other).toEqual({ profile: unconfined, warnings: [told] })
  })

  test.each<[annotations: object, own: object | undefined, words: string]>([
    [
      { [key('x')]: 'unconfined' },
      undefined,
      `metadata.annotations[${key('x')}]: Invalid value: "x": container not found`,
    ],
    [
      { [key('c')]: 'foo' },
      undefined,
      `metadata.annotations[${key('c')}]: Invalid value: "foo": invalid AppArmor profile name: "foo"`,
    ],
    [
      { [key('c')]: 'runtime/default' },
      unconfined,
      'spec.containers[0].securityContext.appArmorProfile.type: Forbidden: apparmor type in annotation and field must match',
    ],
    [
      { [key('c')]: 'localhost/a' },
      { type: 'Localhost', localhostProfile: 'b' },
      'spec.containers[0].securityContext.appArmorProfile.localhostProfile: Forbidden: apparmor profile in annotation and field must match',
    ],
  ])('%j beside %j is refused', async (annotations, own, words) => {
    await expect(created(annotations, undefined, own)).rejects.toMatchObject({
      message: `Pod "p" is invalid: ${words}`,
    })
  })
})
