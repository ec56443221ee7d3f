import { describe, expect, it } from 'vitest'
import type { Container, Pod } from '#types/core/v1'
import { FakeTransport } from '../../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { containerOptions } from './container-options.ts'
import { runtimeHandler } from './runtime-handler.ts'
import { sandboxOptions } from './sandbox-options.ts'

const pod = (runtimeClassName?: string): Pod =>
  partial<Pod>({
    metadata: { name: 'p', namespace: 'd', uid: 'u' },
    spec: { containers: [], runtimeClassName },
  })

describe('the runtime of a pod', () => {
  it("is the one that its class names, or the engine's own", async () => {
    const server = new FakeTransport({ clock: new FakeClock() })
    const client = createClient(server)
    const handlers: Record<string, string> = { sandboxed: 'runsc', usual: 'docker', other: 'runc' }
    server.intercept = ({ name = '' }) => (handlers[name] ? partial({ handler: handlers[name] }) : undefined)
    expect(await runtimeHandler(client, pod())).toBeUndefined()
    expect(await runtimeHandler(client, pod('usual'))).toBeUndefined()
    expect(await runtimeHandler(client, pod('sandboxed'))).toBe('runsc')
    expect(await runtimeHandler(client, pod('other'))).toBe('runc')
    await expect(runtimeHandler(client, pod('gone'))).rejects.toThrow('RuntimeClass "gone" not found')
  })

  it('is that of its sandbox and of each container', () => {
    const grants = { privileged: true, lowOomScore: true }
    const box = { image: 'i', attempt: 0, group: '/g', clusterDomain: 'c' }
    expect(sandboxOptions(pod(), { ...box, runtime: 'runsc' }, grants).HostConfig?.Runtime).toBe('runsc')
    expect(sandboxOptions(pod(), box, grants).HostConfig).not.toHaveProperty('Runtime')
    const facts = {
      attempt: 0,
      group: '/g',
      sandboxId: 's',
      sandboxAttempt: 0,
      env: new Map(),
      mounts: [],
      imageUser: '',
      memoryCapacity: 1,
    }
    const container: Container = { name: 'c' }
    const made = (runtime?: string) =>
      containerOptions(pod(), container, { ...facts, seccomp: undefined, runtime }, grants).HostConfig
    expect(made('runsc')?.Runtime).toBe('runsc')
    expect(made()).not.toHaveProperty('Runtime')
  })
})
