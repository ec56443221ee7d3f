import type { Node, NodeCondition, Pod } from '#types/core/v1'
import { refs } from '../../../../../src-kube/client/refs.ts'
import { formatMicroTime, formatTime } from '../../../../../src-kube/machinery/time.ts'
import type { AnyController } from '../../../../../src-kube/runtime/controller.ts'
import { harness } from '../../testing/harness.ts'

const types = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready']

/** The nodes, leases and pods of a cluster on the fake server and clock, with controllers that watch over them. */
export function nodeCluster(controllers: AnyController[]) {
  const h = harness(controllers)
  const node = (name: string): Node | undefined => h.server.peek(refs.nodes, name)
  const conditions = (ready: 'True' | 'False'): NodeCondition[] =>
    types.map((type) => ({
      type,
      status: type === 'Ready' ? ready : 'False',
      lastHeartbeatTime: formatTime(h.clock.now()),
    }))
  const beat = (name: string) =>
    h.server.put(refs.leases, {
      metadata: { name, namespace: 'kube-node-lease' },
      spec: { renewTime: formatMicroTime(h.clock.now()) },
    })
  return {
    h,
    node,
    beat,
    /** What a kubelet posts of itself. */
    post: (name: string, ready: 'True' | 'False' = 'True') =>
      h.server.put(refs.nodes, { ...node(name), status: { conditions: conditions(ready) } }),
    join(name: string, labels: Record<string, string> = {}) {
      h.server.put(refs.nodes, { metadata: { name, labels }, spec: {}, status: { conditions: conditions('True') } })
      beat(name)
    },
    pod: (name: string, nodeName: string, tolerations: object[] = []): Pod =>
      h.server.put(refs.pods, {
        metadata: { name, namespace: 'a' },
        spec: { nodeName, containers: [], tolerations },
        status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
      }),
    /** Time passes, a second a step, with `alive` renewing their leases every ten seconds. */
    async live(seconds: number, ...alive: string[]) {
      for (let i = 0; i < seconds; i++) {
        if (i % 10 === 0) for (const name of alive) beat(name)
        await h.pass(1000, 1)
      }
    },
    taints: (name: string) => (node(name)?.spec?.taints ?? []).map((t) => `${t.key.split('/')[1]}:${t.effect}`).sort(),
    ready: (name: string) => node(name)?.status?.conditions?.find((c) => c.type === 'Ready'),
    podReady: (name: string) =>
      h.server.peek(refs.pods, name, 'a')?.status?.conditions?.find((c) => c.type === 'Ready')?.status,
    pods: () => h.pods().map((p) => p.metadata.name),
  }
}

export const unreachable = ['unreachable:NoExecute', 'unreachable:NoSchedule']
export const notReady = ['not-ready:NoExecute', 'not-ready:NoSchedule']
