import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { hasWords } from '../pages/row-words.ts'
import { deletionHealth, healthOf } from './deletion.ts'
import { views } from './index.ts'
import type { KindView } from './view.ts'

const object = (finalizers: string[] = [], more: object = {}, deletionTimestamp = '2026-01-01T00:00:00Z'): KubeObject =>
  partial<KubeObject>({ metadata: { name: 'a', namespace: 'x', deletionTimestamp, finalizers }, ...more })
const viewOf = (id: string): KindView => views.find((view) => view.id === id)!

it('what is deleted and held says by whom, and what to wait for where that is known', () => {
  expect(deletionHealth(object([], {}, ''))).toBeUndefined()
  expect(deletionHealth(object())).toMatchObject({ level: 'progressing', reason: 'Terminating', hint: 'terminating' })
  expect(deletionHealth(object(['example.com/hold', 'b']))).toMatchObject({
    hint: 'held',
    about: { finalizers: 'example.com/hold, b' },
  })
  expect(deletionHealth(object(['kubernetes.io/pvc-protection']))?.hint).toBe('heldClaim')
  expect(deletionHealth(object(['foregroundDeletion']))?.hint).toBe('heldDependents')
})

it('says so of every kind, whatever else that tells; pods in their own words', () => {
  const bound = object(['kubernetes.io/pvc-protection'], { status: { phase: 'Bound' } })
  expect(viewOf('persistentvolumeclaims').health!(bound)).toMatchObject({ reason: 'Terminating', hint: 'heldClaim' })
  const conditions = [
    {
      type: 'NamespaceContentRemaining',
      status: 'True',
      message: 'Some resources are remaining: pods. has 1 resource instances',
    },
    { type: 'NamespaceDeletionDiscoveryFailure', status: 'False', message: 'All resources successfully discovered' },
  ]
  expect(viewOf('namespaces').health!(object([], { status: { phase: 'Terminating', conditions } })).message).toBe(
    'Some resources are remaining: pods. has 1 resource instances',
  )
  const settings = viewOf('configmaps')
  expect(healthOf(settings, object([], {}, ''))).toBeUndefined()
  expect(healthOf(settings, object())?.reason).toBe('Terminating')
  expect(hasWords(settings, object(), ['terminating'])).toBe(true)
  expect(viewOf('pods').health!(object([], { status: { reason: 'NodeLost' } })).reason).toBe('Unknown')
})
