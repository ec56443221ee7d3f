import type { Pod } from '#types/core/v1'
import { informerFactory } from '../../../../src-kube/client/informer-factory.ts'
import { refs } from '../../../../src-kube/client/refs.ts'
import { advance, settle } from '../../../../src-kube/client/testing/advance.ts'
import { FakeTransport } from '../../../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../../../src-kube/client/typed-client.ts'
import type { ResourceRef } from '../../../../src-kube/kinds/descriptor.ts'
import { FakeClock } from '../../../../src-kube/machinery/clock.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import type { AnyController, Log } from '../../../../src-kube/runtime/controller.ts'
import { runController } from '../../../../src-kube/runtime/manager.ts'
import { resourceSource } from '../discovery.ts'
import { startGarbageCollector } from '../garbage/collector.ts'

export const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** Controllers on a fake server and a fake clock; `warnings` collects what they would have logged. */
export function harness(controllers: AnyController[], { collect = [] as ResourceRef[] } = {}) {
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const client = createClient(server)
  const abort = new AbortController()
  const { signal } = abort
  const warnings: string[] = []
  const warn = (message: string, facts?: Record<string, unknown>) =>
    void warnings.push(`${message} ${JSON.stringify(facts)}`)
  const shared = {
    client,
    clock,
    signal,
    informers: informerFactory({ client, clock, signal }),
    log: { ...silent, warn, error: warn },
  }
  const start = async () => {
    for (const controller of controllers) runController(controller, shared)
    if (collect.length > 0) startGarbageCollector({ ...shared, resources: resourceSource(collect, undefined) })
    await settle()
  }
  return {
    clock,
    server,
    client,
    warnings,
    start,
    /** Stops all; fails the test when a controller had something to complain about. */
    finish() {
      abort.abort()
      if (warnings.length > 0) throw new Error(`controllers warned: ${warnings.join('; ')}`)
    },
    pass: (milliseconds: number, steps?: number) => advance(clock, milliseconds, steps),
    settle,
    pods: () => server.all(refs.pods).filter((pod) => !pod.metadata.deletionTimestamp),
    eventReasons: () => server.all(refs.events).map((event) => event.reason),
    eventMessages: () => server.all(refs.events).map((event) => event.message),
  }
}

export type Harness = ReturnType<typeof harness>

/** What a kubelet would report of a pod. */
export function setReady(h: Harness, pod: Pod, ready: boolean): void {
  const lastTransitionTime = formatTime(h.clock.now())
  const condition = { type: 'Ready', status: ready ? ('True' as const) : ('False' as const), lastTransitionTime }
  h.server.put(refs.pods, { ...pod, status: { ...pod.status, phase: 'Running', conditions: [condition] } })
}
