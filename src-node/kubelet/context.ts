import type { EventRecorder } from '../../src-kube/runtime/events.ts'
import { groupUsage } from '../host/index.ts'
import { createAdmission, createResizeJudge } from './admission.ts'
import { podPidsLimit, readConfiguration } from './configuration.ts'
import type { PodDevices } from './devices/index.ts'
import type { Instruments } from './instruments.ts'
import type { KubeletOptions } from './options.ts'
import type { Pressure } from './plan/eviction/thresholds.ts'
import { attemptsOf } from './plan/observed.ts'
import { preempted } from './plan/preemption.ts'
import { fieldPath, findContainer } from './plan/pod-containers.ts'
import { reservation } from './plan/reserved.ts'
import type { NodeSettings } from './plan/settings.ts'
import type { PodContext } from './pod-context.ts'
import type { TellPodEvent } from './pod-event.ts'
import { deletePod, sendStatus } from './pod-writes.ts'
import { createProber, type Prober } from './probes/index.ts'
import type { Engine } from './runtime/engine.ts'
import { execInContainer } from './runtime/exec.ts'
import { createImageLayers } from './runtime/image-layers.ts'
import { Images } from './runtime/images.ts'
import { LogLinks } from './runtime/log-links.ts'
import { hasAppArmor } from './runtime/app-armor.ts'
import { createNodeFacts } from './runtime/node-facts.ts'
import { endTogether } from './runtime/oom-group.ts'
import { PodFiles } from './runtime/pod-files.ts'
import { PodGroups } from './runtime/pod-groups.ts'
import { PodNetwork } from './runtime/pod-network.ts'
import { PullRecordFile } from './runtime/pull-record-file.ts'
import { ended } from './runtime/stop-containers.ts'
import { createReferences, createVolumes, type References, type VolumesOptions } from './volumes/index.ts'
import { runtimeHandler } from './runtime/runtime-handler.ts'
import type { Workers } from './workers.ts'

interface Parts {
  settings: NodeSettings
  engine: Engine
  /** What the node has too little of now. */
  pressures(): ReadonlySet<Pressure>
  workers: Workers
  recorder: EventRecorder
  instruments: Instruments
  csi: VolumesOptions['csi']
  devices: PodDevices
}

/** What the workers of all pods share, put together. */
export function createPodContext(options: KubeletOptions, parts: Parts): PodContext {
  const { settings, engine, workers, recorder, instruments, devices } = parts
  const { client, clock, docker, log, nodeName, nodeIp, nodes, services } = options
  const references = createReferences(options)
  const nodeFacts = createNodeFacts(options)
  const event = podEvents(recorder, instruments)
  const images = createImages(options, settings, references, event)
  const room = { node: () => nodes.get(nodeName), taken: () => workers.taking() }
  const layersOf = createImageLayers(docker, images)
  const tell: VolumesOptions['event'] = (pod, type, reason, words) => event({ pod }, type, reason, words)
  return {
    settings,
    machineStarted: options.machineStarted ?? 0,
    engine,
    images,
    volumes: createVolumes({ ...options, nodeFacts, references, layersOf, csi: parts.csi, event: tell }),
    references,
    devices,
    files: new PodFiles({
      ...options,
      dnsLimited: (pod, words) => event({ pod }, 'Warning', 'DNSConfigForming', words),
    }),
    logs: new LogLinks(options.logDirectory),
    prober: createPodProber(options, { engine, workers, event }),
    services: () => services.list(),
    nodeName,
    nodeIp,
    nodeFacts,
    usageOf: (group) => groupUsage((path) => options.host.readFile(path), group),
    groups: createPodGroups(options, workers),
    endTogether: (pid) => endTogether(options.host, pid),
    runtimeHandler: (pod) => runtimeHandler(client, pod),
    network: createPodNetwork(options, engine),
    networkReady: Promise.all([options.networkReady, services.synced]),
    clock,
    admit: admissionOf(options, parts, room),
    resizable: createResizeJudge({ ...room, waiting: () => workers.waitingResizes() }),
    sendStatus(pod, status) {
      instruments.told(pod, status)
      return sendStatus(client, pod, status)
    },
    deletePod: (pod) => deletePod(client, pod),
    finished(uid) {
      workers.delete(uid)
      instruments.forget(uid)
    },
    event,
    log,
  }
}

const createPodGroups = (options: KubeletOptions, workers: Workers): PodGroups =>
  new PodGroups({
    ...options,
    taking: () => workers.taking(),
    processes: readConfiguration(options, podPidsLimit),
    reservation: readConfiguration(options, reservation),
  })

type Room = Pick<Parameters<typeof createAdmission>[0], 'node' | 'taken'>

const admissionOf = (options: KubeletOptions, parts: Parts, room: Room): PodContext['admit'] =>
  createAdmission({
    ...options,
    ...room,
    pressures: parts.pressures,
    devices: parts.devices,
    appArmor: () => hasAppArmor(options.docker),
    preempt: ({ metadata }) => parts.workers.get(metadata.uid)?.evict(preempted),
    allowedSysctls: () => parts.settings.allowedUnsafeSysctls,
  })

const createImages = (
  options: KubeletOptions,
  { imageVerification }: NodeSettings,
  references: References,
  event: TellPodEvent,
): Images =>
  new Images({
    docker: options.docker,
    clock: options.clock,
    records: new PullRecordFile({
      ...options,
      images: async () => (await options.docker.listImages()).map(({ Id }) => Id),
    }),
    verification: imageVerification,
    secret: (namespace, name) => references.secret(namespace, name),
    fromDesktop: (reference) => options.fromDesktop(reference),
    event,
  })

const createPodNetwork = ({ docker, host, networkReady, log }: KubeletOptions, engine: Engine): PodNetwork =>
  new PodNetwork({
    host,
    range: networkReady,
    observed: () => engine.all(),
    end: (id) => ended(docker.getContainer(id).kill()),
    log,
  })

/** Events about pods, and about the containers in them. */
function podEvents(recorder: EventRecorder, instruments: Instruments): TellPodEvent {
  return ({ pod, container }, type, reason, message) => {
    instruments.happened(pod, container, reason, message)
    const { name, namespace, uid, resourceVersion } = pod.metadata
    const part = container && findContainer(pod, container.name) ? { fieldPath: fieldPath(pod, container) } : {}
    const about = { apiVersion: 'v1', kind: 'Pod', name, namespace, uid, resourceVersion, ...part }
    recorder.event(about, type, reason, message)
  }
}

/** Probes ask the engine, and what they find out goes to the pod's worker. */
function createPodProber(
  { clock, signal, log }: KubeletOptions,
  { engine, workers, event }: Pick<Parts, 'engine' | 'workers'> & Pick<PodContext, 'event'>,
): Prober {
  return createProber({
    clock,
    signal,
    exec(target, command, timeout) {
      const { last } = attemptsOf(engine.ofPod(target.pod.metadata.uid), target.container)
      if (!last) return Promise.resolve({ exitCode: -1, output: 'the container is gone' })
      return execInContainer(engine.docker, last.id, command, timeout)
    },
    onResult(uid, result, message) {
      const worker = workers.get(uid)
      if (!worker) return
      worker.heard(result)
      const { container, kind, ok } = result
      if (ok || kind === 'readiness') return
      worker
        .killForProbe(container, kind)
        .catch((error: unknown) => log(`${container} failed ${kind} probe (${message}): ${String(error)}`))
    },
    onUnhealthy: (pod, container, _kind, message) =>
      event({ pod, container: findContainer(pod, container) }, 'Warning', 'Unhealthy', message),
    onWarning: (pod, container, message) =>
      event({ pod, container: findContainer(pod, container) }, 'Warning', 'ProbeWarning', message),
  })
}
