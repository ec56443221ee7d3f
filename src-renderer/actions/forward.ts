import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { pathOf } from '../api/kube.ts'
import { at, listAt, textAt, type KindView } from '../kinds/view.ts'
import type { Action, ActionWorld } from './index.ts'
import { connecting } from './needs.ts'

/** Runs and takes connections. */
const isReady = (pod: KubeObject): boolean =>
  textAt(pod, 'status', 'phase') === 'Running' &&
  listAt(pod, 'status', 'conditions').some((c) => textAt(c, 'type') === 'Ready' && textAt(c, 'status') === 'True')

/** Ports that the containers of a pod name, those of TCP. */
const portsOf = (pod: unknown): Array<{ name: string; port: number }> =>
  listAt(pod, 'spec', 'containers')
    .flatMap((container) => listAt(container, 'ports'))
    .filter((port) => (textAt(port, 'protocol') || 'TCP') === 'TCP')
    .map((port) => ({ name: textAt(port, 'name'), port: Number(textAt(port, 'containerPort')) }))

/** The pod's port that a port of a service leads to; undefined when the pod names none so. */
export function targetOf(servicePort: unknown, pod: KubeObject): number | undefined {
  const target = at(servicePort, 'targetPort') ?? at(servicePort, 'port')
  return typeof target === 'number' ? target : portsOf(pod).find((one) => one.name === target)?.port
}

/** The pod of several that is best forwarded to, a ready one if there is one; undefined when none runs. */
export const bestOf = (pods: readonly KubeObject[]): KubeObject | undefined =>
  pods.find(isReady) ?? pods.find((pod) => textAt(pod, 'status', 'phase') === 'Running')

async function podBehind(
  { cluster }: ActionWorld,
  { metadata: { namespace } }: KubeObject,
  selector: Record<string, string>,
): Promise<KubeObject | undefined> {
  const labelSelector = Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
  const path = pathOf({ group: '', version: 'v1', resource: 'pods' }, { namespace, query: { labelSelector } })
  return bestOf((await cluster.kube.get<{ items: KubeObject[] }>(path)).items)
}

/** Labels of the pods behind a service or workload; undefined when it has none of its own. */
function selectorOf(view: KindView, object: KubeObject): Record<string, string> | undefined {
  const selector = view.id === 'jobs.batch' ? undefined : view.podSelector?.(object)
  return selector && Object.keys(selector).length > 0 ? selector : undefined
}

const forwardable = (view: KindView, object: KubeObject): boolean =>
  view.id === 'pods' ? textAt(object, 'status', 'phase') === 'Running' : selectorOf(view, object) !== undefined

/** Port forwarding as `kubectl port-forward` does it: of a service or workload, to one pod behind it. */
export const forwardAction: Action = {
  id: 'forward',
  icon: 'forward',
  key: 'f',
  needs: connecting('portforward'),
  applies: forwardable,
  async run(world, view, objects) {
    const { ui, t, dock, cluster } = world
    const object = objects[0]!
    const { name } = object.metadata
    const selector = view.id === 'pods' ? undefined : selectorOf(view, object)
    const pod = selector ? await podBehind(world, object, selector) : object
    if (!pod) return ui.toast('error', t('forward.none', { name }))
    const named = portsOf(pod)
    const port = await ui.ask({
      title: t('forward.title', { name }),
      body: t('forward.port'),
      items: named.map((one) => (one.name ? `${one.port} (${one.name})` : String(one.port))),
      verb: t('actions.forward'),
      number:
        (view.id === 'services' ? targetOf(listAt(object, 'spec', 'ports')[0], pod) : undefined) ??
        named[0]?.port ??
        80,
    })
    if (typeof port !== 'number') return
    if (port < 1 || port > 65_535) return ui.toast('error', t('forward.range'))
    dock.add({
      kind: 'forward',
      cluster: cluster.id,
      title: `${name}:${port}`,
      namespace: pod.metadata.namespace ?? 'default',
      pod: pod.metadata.name,
      port,
      ...(selector ? { selector } : {}),
    })
  },
}
