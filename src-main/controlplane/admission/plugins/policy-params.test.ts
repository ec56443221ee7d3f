import { describe, expect, test } from 'vitest'
import { attributes, FakeObjects, run } from '../testing/arrange.ts'
import { GROUP } from '../testing/policies.ts'
import { policyParams } from './policy-params.ts'

const jane = { name: 'jane', groups: ['dev', 'system:authenticated'] }
const JANE = 'user &{jane  [dev system:authenticated] map[]}'

/** @param rights what jane holds: `get /secrets shop/*` */
function arrange(...rights: string[]) {
  const objects = new FakeObjects()
  const plugin = policyParams(objects, {
    may: (_user, { verb, group = '', resource, namespace, name }) =>
      Promise.resolve(rights.includes(`${verb} ${group}/${resource} ${namespace}/${name}`)),
    rules: () => Promise.resolve([]),
  })
  const write = (kind: string, object: object, more: object = {}) =>
    run([plugin], attributes(GROUP, kind, object, { user: jane, ...more }))
  return { objects, write }
}

const policy = (paramKind?: object) => ({ metadata: { name: 'p' }, spec: { paramKind } })
const secrets = { apiVersion: 'v1', kind: 'Secret' }

describe.each(['ValidatingAdmissionPolicy', 'MutatingAdmissionPolicy'])('%s', (kind) => {
  const plural = kind === 'ValidatingAdmissionPolicy' ? 'validatingadmissionpolicies' : 'mutatingadmissionpolicies'
  const binding = (paramRef?: object) => ({ metadata: { name: 'b' }, spec: { policyName: 'p', paramRef } })
  const named = { name: 's', namespace: 'shop' }
  const bind = (rights: string[], paramRef: object | undefined, more: object = {}) => {
    const { objects, write } = arrange(...rights)
    objects.put(GROUP, plural, policy(secrets))
    return write(`${kind}Binding`, binding(paramRef), more)
  }

  test('has parameters that its writer may read', async () => {
    await expect(arrange('get /secrets */*').write(kind, policy(secrets))).resolves.toBeUndefined()
    await expect(arrange().write(kind, policy())).resolves.toBeUndefined()
    await expect(arrange().write(kind, policy(secrets))).rejects.toMatchObject({
      code: 422,
      message: `${kind}.${GROUP} "p" is invalid: spec.paramKind: Forbidden: ${JANE} must have "get" permission on all objects of the referenced paramKind (kind=Secret, apiVersion=v1)`,
    })
  })

  test('of an unknown kind needs the right to read anything', async () => {
    const odd = policy({ apiVersion: 'a.io/v1', kind: 'Odd' })
    await expect(arrange('get a.io/odds */*').write(kind, odd)).rejects.toMatchObject({ code: 422 })
    await expect(arrange('get */* */*').write(kind, odd)).resolves.toBeUndefined()
  })

  test('keeps the parameters it had, whoever changes the rest', async () => {
    const more = { operation: 'UPDATE', oldObject: policy({ ...secrets }) }
    await expect(arrange().write(kind, policy(secrets), more)).resolves.toBeUndefined()
  })

  test('is bound to parameters that the binder may read', async () => {
    await expect(bind(['get /secrets shop/s'], named)).resolves.toBeUndefined()
    await expect(bind([], undefined)).resolves.toBeUndefined()
    await expect(bind([], named)).rejects.toMatchObject({
      message: `${kind}Binding.${GROUP} "b" is invalid: spec.paramRef: Forbidden: ${JANE} does not have "get" permission on the object referenced by paramRef`,
    })
    const selected = { selector: {}, namespace: 'shop' }
    await expect(bind(['get /secrets shop/s'], selected)).rejects.toThrow('does not have "list" permission')
    await expect(bind(['list /secrets shop/'], selected)).resolves.toBeUndefined()
    await expect(bind([], named, { operation: 'UPDATE', oldObject: binding({ ...named }) })).resolves.toBeUndefined()
  })

  test('that is not there yet is bound by who may read anything', async () => {
    await expect(arrange('get /secrets shop/s').write(`${kind}Binding`, binding(named))).rejects.toThrow(
      `unable to get policy p to determine minimum required permissions and ${JANE} does not have "get" permission for all groups, versions and resources`,
    )
    await expect(arrange('get */* shop/s').write(`${kind}Binding`, binding(named))).resolves.toBeUndefined()
  })
})

test('administrators use any parameters', async () => {
  const user = { name: 'root', groups: ['system:masters'] }
  await expect(arrange().write('ValidatingAdmissionPolicy', policy(secrets), { user })).resolves.toBeUndefined()
})
