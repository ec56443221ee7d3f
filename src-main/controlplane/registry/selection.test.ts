import { expect, test } from 'vitest'
import { findKind } from '../../../src-kube/kinds/index.ts'
import { parseFieldSelector } from '../../../src-kube/machinery/fields.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { selection } from './selection.ts'

const selects = (kind: string, selector: string, object: object = {}): boolean =>
  selection(findKind('', kind)!, undefined, parseFieldSelector(selector))!({ metadata: {}, ...object } as KubeObject)

test.each([
  ['Pod', 'spec.nodeName=n1', { spec: { nodeName: 'n1' } }, true],
  ['Pod', 'spec.host=n1', { spec: { nodeName: 'n1' } }, true],
  ['Pod', 'status.podIPs=1.2.3.4', { status: { podIPs: [{ ip: '1.2.3.4' }] } }, false],
  ['Event', 'reportingController=kubelet', { reportingComponent: 'kubelet' }, true],
  ['Event', 'regarding.name!=web', { involvedObject: { name: 'web' } }, false],
])('%s %s of %j: %s', (kind, selector, object, expected) => {
  expect(selects(kind, selector, object)).toBe(expected)
})

test.each([
  ['Pod', 'field label not supported: x'],
  ['ConfigMap', '"x" is not a known field selector: only "metadata.name", "metadata.namespace"'],
])('%s offers no other: %s', (kind, words) => {
  expect(() => selects(kind, 'x=1')).toThrow(words)
})

test('Job names itself when it refuses a field', () => {
  const job = findKind('batch', 'Job')!
  expect(() => selection(job, undefined, parseFieldSelector('x=1'))).toThrow(
    'field label "x" not supported for batchv1.Job',
  )
})
