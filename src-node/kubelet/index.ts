/**
 * The kubelet: pods that the API binds to this node → containers of the node's own engine. Desired pods come from an informer, the
 * actual state from the engine's event stream; a worker a pod brings the two together. Restarting it restarts nothing: containers
 * are found again by their labels.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInformer, type Informer } from '../../src-kube/client/informer.ts'
import { refs } from '../../src-kube/client/refs.ts'
import { createEventRecorder } from '../../src-kube/runtime/events.ts'
import type { NodeServices, PodStreams } from '../../src-wire/node/pod-streams.ts'
import type { Pod } from '#types/core/v1'
import { createCsiNodeSide } from './csi/node-side.ts'
import { readConfiguration } from './configuration.ts'
import { createPodContext } from './context.ts'
import { createDevices, type NodeDevices } from './devices/index.ts'
import type { HostPortEntry } from './host-ports.ts'
import { createNodeWatch } from './node-watch.ts'
import { Instruments } from './instruments.ts'
import type { KubeletOptions } from './options.ts'
import { defaultNodeSettings, type NodeSettings, nodeSettings } from './plan/settings.ts'
import { keepFreeOfOrphans } from './orphans.ts'
import { type PluginRegistryOptions, startPluginRegistry } from './plugins/registry.ts'
import { meterEngine } from './runtime/engine-meter.ts'
import { type Sandboxes, sandboxesOf } from './sandboxes.ts'
import { createStreams } from './streams/index.ts'
import { keepStaticPods } from './static-pods.ts'
import { watchStorage } from './storage-watch.ts'
import { streamSources } from './stream-sources.ts'
import { Workers } from './workers.ts'

export type { HostPortEntry } from './host-ports.ts'
export type { KubeletOptions } from './options.ts'
export type { PodPlace, Sandboxes } from './sandboxes.ts'

/** What the rest of the agent needs of its kubelet. */
export interface Kubelet {
  streams: PodStreams & NodeServices
  /** Networks of the pods here. */
  sandboxes: Sandboxes
  hostPorts: { list(): HostPortEntry[]; onChange(listener: () => void): () => void }
  /** The API can be reached again: says at once that the node lives. */
  connected(): void
  stop(): Promise<void>
}

/** Registers the node and keeps its pods as the API server has them (kubernetes.io, "kubelet"), until the signal. */
export function startKubelet(options: KubeletOptions): Kubelet {
  const { client, nodeName, clock, signal, log } = options
  // By default until the node's own file has been read, which is before the first pod.
  const settings: NodeSettings = { ...defaultNodeSettings }
  const configured = readConfiguration(options, nodeSettings).then((read) => Object.assign(settings, read))
  const workers = new Workers()
  const instruments = instrumented(options)
  const recorder = createEventRecorder({ client, clock, signal, component: 'kubelet', host: nodeName })
  // An engine that comes back may have lost the bridge; the first time, sandboxes of an agent that died are seen.
  const rejoin = () => void context.network.repair().catch((error: unknown) => log(`pod network: ${String(error)}`))
  const csi = createCsiNodeSide(options, () => reporter.now())
  const devices = devicesOf(options, workers, () => reporter.now())
  const volumesInUse = () => csi.inUse.list()
  const heard = { engineUp: rejoin, evicting: instruments.evicted, volumesInUse, devices: devices.amounts }
  const { engine, reporter, pressure, garbage } = createNodeWatch(options, workers, recorder, heard)
  const parts = { settings, engine, workers, recorder, instruments, csi, devices }
  const context = createPodContext(options, { ...parts, pressures: () => pressure.pressures })
  const pods = podsOf(options)
  const add = (pod: Pod): void => {
    instruments.seen(pod)
    workers.add(pod, context)
  }
  csi.drivers.awaitFirst(takeInPlugins(options, { CSIPlugin: csi.drivers, ...devices.handlers }))
  context.logs.prepare().catch((error: unknown) => log(`log links: ${String(error)}`))
  // Workers begin when both sides are known: before, everything would look missing.
  Promise.all([engine.ready, pods.synced, options.nodes.synced, configured]).then(
    () => {
      pods.on({ add, update: add, delete: ({ metadata }) => workers.get(metadata.uid)?.remove() })
      // Their groups are empty by then.
      void keepFreeOfOrphans({ ...options, pods, workers }, context).then(() => context.groups.start())
      devices.start()
      keepStaticPods({ ...options, pods, directory: settings.staticPodPath })
    },
    (error: unknown) => log(String(error)),
  )
  reporter.start()
  watchStorage(options, () => workers.all())
  // Without the pods nobody knows which images are in use, nor who uses what.
  engine.ready.then(
    () => [garbage, pressure].forEach((one) => one.start()),
    (error: unknown) => log(String(error)),
  )
  return {
    streams: createStreams(streamSources(options, workers, { ...context, metrics: [instruments, devices] }, pressure)),
    sandboxes: sandboxesOf(workers, options.stateDirectory),
    hostPorts: { list: () => workers.hostPorts(), onChange: (listener) => workers.onPorts(listener) },
    connected: reporter.alive,
    stop: () => Promise.resolve(),
  }
}

/** Plugins of this node, each kind with who works with it; resolves when those that are there have introduced themselves. */
function takeInPlugins(options: KubeletOptions, handlers: PluginRegistryOptions['handlers']): Promise<void> {
  const { stateDirectory } = options
  const directory = join(stateDirectory, 'plugins_registry')
  // Drivers' manifests ask for these directories as things that every node has.
  const homes = ['plugins', 'pods'].map((name) => mkdir(join(stateDirectory, name), { recursive: true }))
  const started = Promise.all(homes).then(() => startPluginRegistry({ ...options, directory, handlers }))
  return started.catch((error: unknown) => options.log(`plugins: ${String(error)}`))
}

const devicesOf = (options: KubeletOptions, workers: Workers, amountsChanged: () => void): NodeDevices =>
  createDevices(options, {
    pods: () => workers.pods(),
    active: () => workers.taking(),
    amountsChanged,
    changed: (pods) => (pods ? pods.forEach((uid) => workers.kick(uid)) : workers.kickAll()),
  })

const podsOf = ({ client, nodeName, clock, signal, log }: KubeletOptions): Informer<Pod> =>
  createInformer({
    client,
    ref: refs.pods,
    fieldSelector: `spec.nodeName=${nodeName}`,
    clock,
    signal,
    onError: (error) => log(`pods: ${String(error)}`),
  })

function instrumented({ clock, docker }: KubeletOptions): Instruments {
  const instruments = new Instruments(clock)
  meterEngine(docker, instruments.operation)
  return instruments
}
