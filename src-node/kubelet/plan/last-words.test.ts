import { expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import type { Observed } from './observed.ts'
import { podStatus } from './status.ts'

it.each([
  ['', 'out of luck', 'out of luck'],
  ['no such file', undefined, 'no such file'],
  ['no such file', 'out of luck', 'no such file: out of luck'],
  ['', '', undefined],
])("the engine's %j and the container's %j make the message %j", (error, message, expected) => {
  const pod = {
    metadata: { name: 'p', namespace: 'ns', uid: 'u' },
    spec: { restartPolicy: 'Never', containers: [{ name: 'c' }] },
  } as Pod
  const ended = {
    id: 'a',
    name: 'c',
    podUid: 'u',
    attempt: 0,
    state: 'exited',
    exitCode: 3,
    error,
    message,
    startedAt: '2026-01-01T00:00:00Z',
    finishedAt: '2026-01-01T00:00:01Z',
    oomKilled: false,
    imageId: 'i',
    ip: '',
  } as Observed
  const none = { waiting: new Map(), starting: new Map(), ready: new Set<string>(), started: new Set<string>() }
  const status = podStatus(pod, { ...none, observed: [ended], podIp: '', hostIp: '', now: 0 })
  expect(status.containerStatuses?.[0]?.state?.terminated?.message).toBe(expected)
})
