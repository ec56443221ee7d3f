import type { CustomResourceDefinition } from '#types/apiextensions.k8s.io/v1'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { harness } from '../testing/harness.ts'
import { customResourceNaming } from './naming.ts'

let h = harness([])
beforeEach(async () => {
  h = harness([customResourceNaming()])
  await h.start()
})
afterEach(() => h.finish())

const ref = refs.customResourceDefinitions
const schema = { openAPIV3Schema: { type: 'object' } }
interface Given {
  names?: object
  group?: string
  spec?: object
  annotations?: Record<string, string>
}

const put = (plural: string, { names = {}, group = 'example.com', spec = {}, annotations }: Given = {}) => {
  const kind = plural.slice(0, 1).toUpperCase() + plural.slice(1, -1)
  return h.server.put(ref, {
    metadata: { name: `${plural}.${group}`, ...(annotations ? { annotations } : {}) },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List`, ...names },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
      ...spec,
    },
    status: { storedVersions: ['v1'] },
  })
}
const status = (name: string) => h.server.peek(ref, `${name}.example.com`)?.status
const condition = (of: CustomResourceDefinition['status'], type: string) => of?.conditions?.find((c) => c.type === type)

describe('a definition', () => {
  it('has its names accepted and is established when nobody else has them', async () => {
    put('tools', { names: { shortNames: ['tl'], categories: ['all'] } })
    await h.settle()
    expect(status('tools')).toMatchObject({
      acceptedNames: {
        plural: 'tools',
        singular: 'tool',
        kind: 'Tool',
        listKind: 'ToolList',
        shortNames: ['tl'],
        categories: ['all'],
      },
      conditions: [
        { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
        {
          type: 'Established',
          status: 'True',
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        },
      ],
      storedVersions: ['v1'],
    })
  })

  it('says of which generation its status is', async () => {
    const made = put('tools')
    await h.settle()
    const generation = (made.metadata.generation ?? 1) + 1
    h.server.put(ref, { ...made, metadata: { ...made.metadata, generation }, status: status('tools')! })
    await h.settle()
    expect(status('tools')).toMatchObject({
      observedGeneration: generation,
      conditions: [
        { type: 'NamesAccepted', observedGeneration: generation },
        { type: 'Established', observedGeneration: generation },
      ],
    })
  })

  it.each([
    ['singular', { singular: 'tool' }, 'SingularConflict', '"tool" is already in use'],
    [
      'short names',
      { shortNames: ['tl', 'tools', 'x'] },
      'ShortNamesConflict',
      '["tl" is already in use, "tools" is already in use]',
    ],
    ['short name', { shortNames: ['tl'] }, 'ShortNamesConflict', '"tl" is already in use'],
    ['kind', { kind: 'Tool' }, 'KindConflict', '"Tool" is already in use'],
    ['list kind', { listKind: 'ToolList' }, 'ListKindConflict', '"ToolList" is already in use'],
    ['plural', { plural: 'tl' }, 'PluralConflict', '"tl" is already in use'],
  ])('waits when another of its group has its %s', async (_, names, reason, message) => {
    put('tools', { names: { shortNames: ['tl'] } })
    await h.settle()
    put('others', { names })
    await h.settle()
    expect(condition(status('others'), 'NamesAccepted')).toMatchObject({ status: 'False', reason, message })
    expect(condition(status('others'), 'Established')).toMatchObject({ status: 'False', reason: 'NotAccepted' })
  })

  it('does not mind definitions of other groups', async () => {
    put('tools', { group: 'example.org' })
    put('tools')
    await h.settle()
    expect(condition(status('tools'), 'Established')).toMatchObject({ status: 'True' })
  })

  it('gets its names when the other goes', async () => {
    put('tools')
    await h.settle()
    put('others', { names: { kind: 'Tool' } })
    await h.settle()
    h.server.remove(ref, 'tools.example.com')
    await h.settle()
    expect(status('others')?.acceptedNames).toMatchObject({ kind: 'Tool' })
    expect(condition(status('others'), 'Established')).toMatchObject({ status: 'True' })
  })

  it('stays established and keeps the name it had when it wants one that another has', async () => {
    put('tools')
    put('others')
    await h.settle()
    const others = h.server.peek(ref, 'others.example.com')!
    h.server.put(ref, { ...others, spec: { ...others.spec, names: { ...others.spec.names, kind: 'Tool' } } })
    await h.settle()
    expect(status('others')?.acceptedNames?.kind).toBe('Other')
    expect(condition(status('others'), 'NamesAccepted')).toMatchObject({ status: 'False' })
    expect(condition(status('others'), 'Established')).toMatchObject({ status: 'True' })
  })

  it('says why its schema is not structural, until it is', async () => {
    const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: {} } }]
    put('tools', { spec: { versions, preserveUnknownFields: true } })
    await h.settle()
    expect(condition(status('tools'), 'NonStructuralSchema')).toMatchObject({
      status: 'True',
      reason: 'Violations',
      message:
        '[spec.preserveUnknownFields: Invalid value: true: must be false, spec.versions[0].schema.openAPIV3Schema.type: Required value: must not be empty at the root]',
    })
    put('tools', { spec: { versions: [{ ...versions[0], schema: undefined }] } })
    await h.settle()
    expect(condition(status('tools'), 'NonStructuralSchema')).toBeUndefined()
  })

  it.each([
    ['https://github.com/kubernetes/kubernetes/pull/1', 'True', 'ApprovedAnnotation', 'approved in https://'],
    ['unapproved, testing', 'False', 'UnapprovedAnnotation', 'not approved: "unapproved, testing"'],
    ['somehow', 'False', 'InvalidAnnotation', 'with either a URL or a reason'],
    ['', 'False', 'MissingAnnotation', 'must have approval annotation'],
  ])("of Kubernetes' own groups tells whether it was approved: %s", async (text, value, reason, message) => {
    put('tools', { group: 'x.k8s.io', annotations: { 'api-approved.kubernetes.io': text } })
    await h.settle()
    const found = h.server.peek(ref, 'tools.x.k8s.io')?.status
    expect(condition(found, 'KubernetesAPIApprovalPolicyConformant')).toMatchObject({
      status: value,
      reason,
      message: expect.stringContaining(message),
    })
  })
})
