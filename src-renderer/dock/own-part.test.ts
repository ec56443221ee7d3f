import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { atRevisionOf } from './own-part.ts'

const object = (resourceVersion: string, data: object): KubeObject =>
  partial<KubeObject>({ metadata: { name: 'settings', resourceVersion, labels: { a: 'b' } }, data })

it('what another changed is compared without the revision that it made', () => {
  const [theirs, base] = [object('9', { color: 'red' }), object('7', { color: 'blue' })]
  expect(atRevisionOf(theirs, base)).toEqual(object('7', { color: 'red' }))
  expect(atRevisionOf(theirs, undefined)).toEqual(theirs)
})
