import { describe, expect, it } from 'vitest'
import type { Pod, PodCondition } from '#types/core/v1'
import { refs } from '../../src-kube/client/refs.ts'
import { FakeTransport } from '../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../src-kube/client/typed-client.ts'
import { sendStatus } from './pod-writes.ts'

describe('a status that a node writes', () => {
  it('leaves nothing of why a condition was false when it is true', async () => {
    const server = new FakeTransport()
    const notReady = { type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: 'unready: [c]' }
    const theirs: PodCondition = { type: 'example.com/theirs', status: 'False', reason: 'Theirs' }
    const stored = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'd', uid: 'u' },
      spec: { containers: [] },
      status: { conditions: [notReady, theirs] },
    } as unknown as Pod
    server.put(refs.pods, stored)
    const ready: PodCondition = { type: 'Ready', status: 'True' }
    await sendStatus(createClient(server), stored, { phase: 'Running', conditions: [ready] })
    expect(server.peek(refs.pods, 'p', 'd')?.status?.conditions).toEqual([ready, theirs])
  })
})
