import { refs } from '../../../../../src-kube/client/refs.ts'
import { setReady, type harness } from '../../testing/harness.ts'

const labels = { app: 'agent' }

/** A daemon set of one container, with `spec` in its pods' template. */
export const agent = (image = 'one', spec: object = {}) => ({
  metadata: { name: 'agent', namespace: 'a' },
  spec: {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'c', image }], ...spec } },
  },
})

/** What tests do to that daemon set and to nodes, in the harness of the moment. */
export function agentIn(current: () => ReturnType<typeof harness>) {
  const node = (name: string, more: object = {}, spec: object = {}) =>
    current().server.put(refs.nodes, { metadata: { name, ...more }, spec })
  const change = (spec: object): void => {
    const old = current().server.peek(refs.daemonSets, 'agent', 'a')!
    current().server.put(refs.daemonSets, { ...old, spec: { ...old.spec, ...spec } })
  }
  /** Pods that have said nothing yet become ready. */
  const readyAll = async (): Promise<void> => {
    for (const pod of current().pods()) if (!pod.status?.conditions) setReady(current(), pod, true)
    await current().pass(1000)
  }
  /** So many nodes, each with a ready pod. */
  const begin = async (count: number, spec: object = {}): Promise<void> => {
    for (let i = 1; i <= count; i++) node(`n${i}`)
    current().server.put(refs.daemonSets, { ...agent(), spec: { ...agent().spec, ...spec } })
    await current().pass(1000)
    await readyAll()
  }
  const status = () => current().server.peek(refs.daemonSets, 'agent', 'a')?.status
  return { node, change, readyAll, begin, status }
}
