import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { warningGroups } from './warnings.ts'

const event = (reason: string, name: string, minute: number, message = '', type = 'Warning'): KubeObject =>
  partial<KubeObject>({
    type,
    reason,
    message,
    count: 2,
    lastTimestamp: `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z`,
    involvedObject: { kind: 'Pod', namespace: 'shop', name },
    metadata: { name: `${name}.${minute}` },
  })

it('says once what several objects have, with how often, the latest first', () => {
  const groups = warningGroups(
    [
      event('Unhealthy', 'a', 1, 'first'),
      event('Unhealthy', 'b', 3, 'last'),
      event('Unhealthy', 'b', 2),
      event('FailedScheduling', 'c', 9),
      event('Scheduled', 'c', 10, '', 'Normal'),
    ],
    10,
  )
  expect(
    groups.map(({ reason, count, objects, hint, latest }) => [reason, count, objects, hint, latest['message']]),
  ).toEqual([
    ['FailedScheduling', 2, 1, 'unschedulable', ''],
    ['Unhealthy', 6, 2, 'probe', 'last'],
  ])
})

it('tells a back-off of the image from one of the container, and has no step for what it cannot know', () => {
  const hints = warningGroups(
    [
      event('BackOff', 'a', 4, 'Back-off pulling image "x"'),
      event('BackOff', 'b', 3, 'Back-off restarting failed container'),
      event('Failed', 'c', 2, 'Error: no such thing'),
      event('OOMKilled', 'd', 1),
    ],
    3,
  ).map(({ hint }) => hint)
  expect(hints).toEqual(['image', 'crash', undefined])
})
