/** Terminals: shells in containers and on nodes, containers' own processes, and containers that are added to look into a pod. */
import { draftMetadata, type KubeObject } from '../../src-kube/machinery/meta.ts'
import { pathOf } from '../api/kube.ts'
import { runningIn } from '../dock/terminal-request.ts'
import { listAt, textAt, type KindView } from '../kinds/view.ts'
import type { NewDockTab } from '../stores/dock.ts'
import type { Action, ActionWorld } from './index.ts'
import { connecting, onPods } from './needs.ts'
import { isReady } from './nodes.ts'
import { randomEnding } from './random-ending.ts'

const podsRef = { group: '', version: 'v1', resource: 'pods' }
const isRunning = (view: KindView, pod: KubeObject): boolean =>
  view.id === 'pods' && textAt(pod, 'status', 'phase') === 'Running'

/** The container that is meant where none is named. */
export const mainContainer = (pod: KubeObject): string =>
  pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'] ??
  textAt(listAt(pod, 'spec', 'containers')[0], 'name')

function terminalOf(
  { cluster }: ActionWorld,
  { metadata: { name, namespace = 'default' } }: KubeObject,
  more: Pick<Extract<NewDockTab, { kind: 'shell' }>, 'container' | 'attach' | 'temporary'>,
): NewDockTab {
  return { kind: 'shell', cluster: cluster.id, title: name, namespace, pod: name, ...more }
}

const shell: Action = {
  id: 'shell',
  icon: 'shell',
  key: 's',
  needs: (view) => (view.id === 'nodes' ? { verb: 'create', group: '', resource: 'pods' } : connecting('exec')()),
  applies: (view, object) => view.id === 'nodes' || isRunning(view, object),
  whyOff: (view, object, { t }) =>
    view.id === 'nodes' && !isReady(object) ? t('nodeOff.noPods', { name: object.metadata.name }) : '',
  async run(world, view, [object]) {
    if (view.id === 'nodes') await openNodeShell(world, object!)
    else world.dock.add(terminalOf(world, object!, { container: mainContainer(object!) }))
  },
}

const attach: Action = {
  id: 'attach',
  icon: 'attach',
  key: 'a',
  needs: connecting('attach'),
  inMenu: true,
  applies: isRunning,
  run(world, _view, [pod]) {
    world.dock.add(terminalOf(world, pod!, { container: mainContainer(pod!), attach: true }))
  },
}

/** An ephemeral container beside those that run (kubernetes.io, "Debugging with an ephemeral debug container"); it stays in the pod's spec for good. */
const debug: Action = {
  id: 'debug',
  icon: 'debug',
  needs: onPods('patch', 'ephemeralcontainers'),
  inMenu: true,
  applies: (view, pod) => isRunning(view, pod) && pod.metadata.deletionTimestamp === undefined,
  async run(world, _view, [pod]) {
    const { cluster, ui, dock, t } = world
    const { name, namespace } = pod!.metadata
    const answer = await ui.ask({
      title: t('confirm.debug', { name }),
      body: t('confirm.debugBody'),
      fields: [
        { name: 'image', label: t('facts.image'), value: dock.debugImage },
        {
          name: 'target',
          label: t('confirm.debugTarget'),
          value: mainContainer(pod!),
          options: [
            { value: '', text: t('confirm.debugNoTarget') },
            ...runningIn(pod).map((container) => ({ value: container, text: container })),
          ],
        },
      ],
      verb: t('actions.debug'),
    })
    if (typeof answer !== 'object') return
    const container = debugContainer(answer['image']!.trim(), answer['target'] ?? '')
    await cluster.kube.send(
      'PATCH',
      pathOf(podsRef, { namespace, name, subresource: 'ephemeralcontainers' }),
      { spec: { ephemeralContainers: [container] } },
      'application/strategic-merge-patch+json',
    )
    dock.debugImage = container.image
    dock.add({ ...terminalOf(world, pod!, { container: container.name, attach: true }), title: container.name })
  },
}

const debugContainer = (image: string, target: string) => ({
  name: `debugger-${randomEnding()}`,
  image,
  imagePullPolicy: 'IfNotPresent',
  stdin: true,
  tty: true,
  ...(target ? { targetContainerName: target } : {}),
})

/** Seconds after which a shell on a node ends by itself, should nobody close it. */
const longestNodeShell = 8 * 3600

/**
 * A pod that shares a node's processes, network and files (kubernetes.io, "Debugging Kubernetes Nodes With Kubectl"), and changes its root to
 * the node's own. It is privileged, and is deleted with its tab.
 */
function nodeShellPod(node: string, image: string, ending = randomEnding()): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: draftMetadata({ name: `node-shell-${node.slice(0, 45)}-${ending}`, namespace: 'default' }),
    spec: {
      nodeName: node,
      restartPolicy: 'Never',
      activeDeadlineSeconds: longestNodeShell,
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      hostPID: true,
      hostIPC: true,
      hostNetwork: true,
      tolerations: [{ operator: 'Exists' }],
      volumes: [{ name: 'host', hostPath: { path: '/' } }],
      containers: [
        {
          name: 'shell',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: ['chroot', '/host', '/bin/sh', '-c', 'cd; [ -x /bin/bash ] && exec /bin/bash || exec /bin/sh'],
          env: [{ name: 'TERM', value: 'xterm-256color' }],
          stdin: true,
          stdinOnce: true,
          tty: true,
          securityContext: { privileged: true },
          volumeMounts: [{ name: 'host', mountPath: '/host' }],
        },
      ],
    },
  }
}

async function openNodeShell(world: ActionWorld, { metadata: { name } }: KubeObject): Promise<void> {
  const { cluster, ui, dock, t } = world
  const answer = await ui.ask({
    title: t('confirm.nodeShell', { name }),
    body: t('confirm.nodeShellBody'),
    fields: [{ name: 'image', label: t('facts.image'), value: dock.debugImage }],
    verb: t('actions.shell'),
  })
  if (typeof answer !== 'object') return
  const image = answer['image']!.trim()
  const pod = nodeShellPod(name, image)
  await cluster.kube.send('POST', pathOf(podsRef, { namespace: pod.metadata.namespace }), pod)
  dock.debugImage = image
  dock.add({ ...terminalOf(world, pod, { container: 'shell', attach: true, temporary: true }), title: name })
}

export const terminalActions: readonly Action[] = [shell, attach, debug]
