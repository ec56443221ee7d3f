import { expect, it } from 'vitest'
import type { Container, Pod } from '#types/core/v1'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { containerStatus } from './container-status.ts'
import { mountStatuses } from './mount-status.ts'
import type { Observed } from './observed.ts'

const container = (...volumeMounts: Container['volumeMounts'] & object): Container => ({ name: 'c', volumeMounts })

it('a mount that may be written is told by its name and place', () => {
  expect(mountStatuses(container({ name: 'v', mountPath: '/v' }))).toEqual({
    volumeMounts: [{ name: 'v', mountPath: '/v' }],
  })
  expect(mountStatuses({ name: 'c' })).toEqual({})
})

it.each([
  [undefined, 'Disabled'],
  ['Disabled', 'Disabled'],
  ['IfPossible', 'Enabled'],
  ['Enabled', 'Enabled'],
])('a read-only mount that is to be so in depth %s is %s', (recursiveReadOnly, told) => {
  const mount = { name: 'v', mountPath: '/v', readOnly: true, ...(recursiveReadOnly ? { recursiveReadOnly } : {}) }
  expect(mountStatuses(container(mount)).volumeMounts?.[0]).toMatchObject({ readOnly: true, recursiveReadOnly: told })
})

it('an image is told by the digest that its registry knows, or by its id', () => {
  const pod = partial<Pod>({ metadata: {}, spec: { containers: [] } })
  const made = { name: 'c', state: 'running', attempt: 0, id: 'c-0', imageId: 'sha256:1' } as Observed
  const facts = { waiting: new Map(), starting: new Map(), ready: new Set<string>(), started: new Set<string>() }
  const told = (observed: Observed[]) => containerStatus(pod, { name: 'c' }, 'main', { ...facts, observed })
  expect(told([made])).toMatchObject({ imageID: 'docker://sha256:1' })
  expect(told([{ ...made, imageDigest: 'nginx@sha256:2' }]).imageID).toBe('docker-pullable://nginx@sha256:2')
  expect(told([]).imageID).toBe('')
})
