import { describe, expect, it } from 'vitest'
import type { Pod, PodCondition } from '#types/core/v1'
import { refs } from '../../src-kube/client/refs.ts'
import { FakeTransport } from '../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../src-kube/client/typed-client.ts'
import { strategicMergePatch } from '../../src-kube/machinery/patch/strategic.ts'
import { schemaOf } from '../../src-kube/machinery/schema/index.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { sendStatus } from './pod-writes.ts'

describe('a status that a node writes', () => {
  it("has its conditions in the node's own order, after those of others", async () => {
    const server = new FakeTransport()
    const yes = (type: string): PodCondition => ({ type, status: 'True' })
    const stored = partial<Pod>({
      metadata: { name: 'p', namespace: 'd', uid: 'u' },
      spec: { containers: [] },
      status: { conditions: [yes('PodScheduled'), yes('example.com/theirs')] },
    })
    server.put(refs.pods, stored)
    const conditions = [yes('Ready'), yes('PodScheduled')]
    await sendStatus(createClient(server), stored, { phase: 'Running', conditions })
    const merged = strategicMergePatch(stored, server.calls.at(-1)?.body, schemaOf('v1', 'Pod')!) as Pod
    const told = merged.status?.conditions?.map(({ type }) => type)
    expect(told).toEqual(['example.com/theirs', 'Ready', 'PodScheduled'])
  })

  it('leaves nothing of why a condition was false when it is true', async () => {
    const server = new FakeTransport()
    const notReady = { type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: 'unready: [c]' }
    const theirs: PodCondition = { type: 'example.com/theirs', status: 'False', reason: 'Theirs' }
    const stored = partial<Pod>({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'd', uid: 'u' },
      spec: { containers: [] },
      status: { conditions: [notReady, theirs] },
    })
    server.put(refs.pods, stored)
    const ready: PodCondition = { type: 'Ready', status: 'True' }
    await sendStatus(createClient(server), stored, { phase: 'Running', conditions: [ready] })
    expect(server.peek(refs.pods, 'p', 'd')?.status?.conditions).toEqual([ready, theirs])
  })
})
