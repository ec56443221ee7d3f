import { expect, test } from 'vitest'
import type { Admission, AdmissionAttributes } from '../admission/admission.ts'
import { matchedVersion } from '../admission/webhooks/match.ts'
import { inVersion, replaceBy } from '../admission/webhooks/versions.ts'
import { arrange } from './testing/arrange.ts'
import { aTool, define, tool } from './testing/crd.ts'

const versions = ['v1', 'v2'].map((name) => ({
  name,
  served: true,
  storage: name === 'v1',
  schema: {
    openAPIV3Schema: {
      type: 'object',
      properties: { [`of-${name}`]: { type: 'string' }, both: { type: 'string' } },
    },
  },
}))
const rule = { operations: ['CREATE' as const], apiGroups: ['example.com'], apiVersions: ['v1'], resources: ['tools'] }

/** Creates a tool of v2 before an admission that wants tools of v1; answers what that saw and what became of the object. */
async function created(matchPolicy: string) {
  const seen: unknown[] = []
  const admission: Admission = {
    admit(attributes: AdmissionAttributes) {
      const wanted = { rules: [rule], matchPolicy }
      const served = attributes.descriptor.plural === 'tools' ? matchedVersion(wanted, attributes) : undefined
      if (!served) return Promise.resolve()
      const object = inVersion(attributes.object, attributes, served)!
      seen.push(object)
      replaceBy({ ...object, both: 'changed', unknown: 1 }, attributes.object!, attributes, served)
      return Promise.resolve()
    },
    validate: () => Promise.resolve(),
  }
  const arranged = await arrange({ admission })
  await define(arranged, { versions })
  const target = tool(arranged.registry, '', { version: 'v2' })
  const body = aTool('a', { 'of-v2': 'x', both: 'y' }, 'v2')
  const entry = await arranged.registry.create(target, body, arranged.write)
  return { seen, object: entry.as(target.served) }
}

test('Admission of one version of a custom kind sees what is sent in another, and what it changes is kept', async () => {
  const { seen, object } = await created('Equivalent')
  expect(seen).toMatchObject([{ apiVersion: 'example.com/v1', kind: 'Tool', 'of-v2': 'x', both: 'y' }])
  expect(object).toMatchObject({ apiVersion: 'example.com/v2', 'of-v2': 'x', both: 'changed' })
  expect(object).not.toHaveProperty('unknown')
})

test('Admission of exactly one version sees nothing of the others', async () => {
  const { seen, object } = await created('Exact')
  expect(seen).toEqual([])
  expect(object).toMatchObject({ both: 'y' })
})
