import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { pathOf } from '../api/kube.ts'
import { at, listAt, textAt, type KindView } from '../kinds/view.ts'
import type { Action, ActionWorld } from './index.ts'

const isReady = (pod: KubeObject): boolean =>
  textAt(pod, 'status', 'phase') === 'Running' &&
  listAt(pod, 'status', 'conditions').some((c) => textAt(c, 'type') === 'Ready' && textAt(c, 'status') === 'True')

/** Ports that the containers of a pod name, those of TCP. */
export const portsOf = (pod: unknown): Array<{ name: string; port: number }> =>
  listAt(pod, 'spec', 'containers')
    .flatMap((container) => listAt(container, 'ports'))
    .filter((port) => (textAt(port, 'protocol') || 'TCP') === 'TCP')
    .map((port) => ({ name: textAt(port, 'name'), port: Number(textAt(port, 'containerPort')) }))

/** The pod's port that a service's first port leads to. */
export function targetOf(service: KubeObject, pod: KubeObject): number | undefined {
  const first = listAt(service, 'spec', 'ports')[0]
  const target = at(first, 'targetPort') ?? at(first, 'port')
  return typeof target === 'number' ? target : portsOf(pod).find((one) => one.name === target)?.port
}

/** A pod that stands behind a service, a ready one if there is one; undefined when none runs. */
async function podBehind({ cluster }: ActionWorld, service: KubeObject): Promise<KubeObject | undefined> {
  const selector = Object.entries((at(service, 'spec', 'selector') ?? {}) as Record<string, string>)
  if (selector.length === 0) return undefined
  const query = { labelSelector: selector.map(([key, value]) => `${key}=${value}`).join(',') }
  const path = pathOf({ group: '', version: 'v1', resource: 'pods' }, { namespace: service.metadata.namespace, query })
  const { items } = await cluster.kube.get<{ items: KubeObject[] }>(path)
  return items.find(isReady) ?? items.find((pod) => textAt(pod, 'status', 'phase') === 'Running')
}

const forwardable = (view: KindView, object: KubeObject): boolean =>
  view.id === 'services'
    ? at(object, 'spec', 'selector') !== undefined
    : view.id === 'pods' && textAt(object, 'status', 'phase') === 'Running'

/** Port forwarding as `kubectl port-forward` does it: of a service, to one pod behind it. */
export const forwardAction: Action = {
  id: 'forward',
  icon: 'forward',
  key: 'f',
  applies: forwardable,
  async run(world, view, objects) {
    const { ui, t, dock, cluster } = world
    const object = objects[0]!
    const { name } = object.metadata
    const pod = view.id === 'pods' ? object : await podBehind(world, object)
    if (!pod) return ui.toast('error', t('forward.none', { name }))
    const named = portsOf(pod)
    const port = await ui.ask({
      title: t('forward.title', { name }),
      body: t('forward.port'),
      items: named.map((one) => (one.name ? `${one.port} (${one.name})` : String(one.port))),
      verb: t('actions.forward'),
      number: (view.id === 'services' ? targetOf(object, pod) : undefined) ?? named[0]?.port ?? 80,
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
    })
  },
}
