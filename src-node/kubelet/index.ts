/**
 * The kubelet: pods that the API binds to this node → containers of the node's own engine. Desired pods come from an informer, the
 * actual state from the engine's event stream; a worker a pod brings the two together. Restarting it restarts nothing: containers
 * are found again by their labels.
 */
import type Docker from 'dockerode'
import type { Readable } from 'node:stream'
import type { Pod, PodStatus, Service } from '#types/core/v1'
import { createInformer, type Informer } from '../../src-kube/client/informer.ts'
import { refs } from '../../src-kube/client/refs.ts'
import type { Client } from '../../src-kube/client/typed-client.ts'
import type { Clock } from '../../src-kube/machinery/clock.ts'
import { isConflict, isNotFound } from '../../src-kube/machinery/errors.ts'
import { createEventRecorder } from '../../src-kube/runtime/events.ts'
import type { NodeServices, PodStreams } from '../../src-wire/node/pod-streams.ts'
import type { Host } from '../host/index.ts'
import { NodeReporter } from './node-status.ts'
import { SANDBOX } from './plan/naming.ts'
import { attemptsOf } from './plan/observed.ts'
import { fieldPath, findContainer } from './plan/pod-containers.ts'
import type { PodContext } from './pod-context.ts'
import { PodWorker } from './pod-worker.ts'
import { createProber } from './probes/index.ts'
import { Engine } from './runtime/engine.ts'
import { execInContainer } from './runtime/exec.ts'
import { Images } from './runtime/images.ts'
import { createNodeImages } from './runtime/node-images.ts'
import { createNodeFacts } from './runtime/node-facts.ts'
import { PodFiles } from './runtime/pod-files.ts'
import { createStreams, foundContainer } from './streams/index.ts'
import { createReferences, createVolumes } from './volumes/index.ts'

export interface KubeletOptions {
  client: Client
  nodeName: string
  nodeIp: string
  host: Host
  docker: Docker
  stateDirectory: string
  clock: Clock
  signal: AbortSignal
  networkReady: Promise<unknown>
  clusterDns: string
  clusterDomain: string
  services: Informer<Service>
  fromDesktop(reference: string): Promise<Readable | undefined>
  log(message: string): void
}

export interface HostPortEntry {
  hostIp: string
  hostPort: number
  protocol: string
  podIp: string
  containerPort: number
}

export interface Kubelet {
  streams: PodStreams & NodeServices
  hostPorts: { list(): HostPortEntry[]; onChange(listener: () => void): () => void }
  /** The API can be reached again: says at once that the node lives. */
  connected(): void
  stop(): Promise<void>
}

export function startKubelet(options: KubeletOptions): Kubelet {
  const { client, nodeName, clock, signal, log } = options
  const workers = new Map<string, PodWorker>()
  const portListeners = new Set<() => void>()
  const recorder = createEventRecorder({ client, clock, signal, component: 'kubelet', host: nodeName })
  let networkUp = false
  let version = ''

  const kick = (uid: string): void => {
    workers.get(uid)?.kick()
    for (const listener of portListeners) listener()
  }
  const engine = new Engine({
    docker: options.docker,
    clock,
    signal,
    onChange: kick,
    onState(up, words) {
      log(up ? 'engine is up' : `engine is down: ${words}`)
      if (up) void readVersion()
      // Pods that were bound while the engine was away have no containers to be found by.
      if (up) for (const worker of workers.values()) worker.kick()
      reporter.now()
    },
    log,
  })
  const readVersion = async (): Promise<void> => {
    try {
      version = `docker://${(await options.docker.version()).Version}`
      reporter.now()
    } catch (error) {
      log(`engine version: ${String(error)}`)
    }
  }
  const reporter = new NodeReporter({
    ...options,
    problem: () =>
      !engine.up
        ? 'container runtime is down'
        : networkUp
          ? ''
          : 'container runtime network not ready: no subnet has been leased yet',
    runtimeVersion: () => version,
    images: createNodeImages(options.docker, clock, () => engine.up),
  })
  options.networkReady.then(
    () => {
      networkUp = true
      reporter.now()
    },
    (error: unknown) => log(`network: ${String(error)}`),
  )
  const context = contextOf(options, engine, workers, recorder)
  const pods = createInformer({
    client,
    ref: refs.pods,
    fieldSelector: `spec.nodeName=${nodeName}`,
    clock,
    signal,
    onError: (error) => log(`pods: ${String(error)}`),
  })
  const add = (pod: Pod): void => {
    const { uid } = pod.metadata
    const known = workers.get(uid)
    if (known) return known.update(pod)
    const worker = new PodWorker(pod, context)
    workers.set(uid, worker)
    worker.kick()
  }
  // Workers begin when both sides are known: before, everything would look missing.
  Promise.all([engine.ready, pods.synced]).then(
    () => {
      pods.on({ add, update: add, delete: (pod) => workers.get(pod.metadata.uid)?.remove() })
      removeOrphans(engine, pods, context, log)
    },
    (error: unknown) => log(String(error)),
  )
  reporter.start()

  return {
    streams: createStreams(streamSources(options, workers)),
    hostPorts: {
      list: () => [...workers.values()].flatMap(hostPortsOf),
      onChange(listener) {
        portListeners.add(listener)
        return () => portListeners.delete(listener)
      },
    },
    connected: reporter.alive,
    stop: () => Promise.resolve(),
  }
}

function contextOf(
  options: KubeletOptions,
  engine: Engine,
  workers: Map<string, PodWorker>,
  recorder: ReturnType<typeof createEventRecorder>,
): PodContext {
  const { client, clock, signal, log, nodeName, nodeIp, stateDirectory, host } = options
  const references = createReferences({ client, clock, signal, log })
  const nodeFacts = createNodeFacts(options)
  const volumes = createVolumes({
    client,
    stateDirectory,
    nodeName,
    nodeIp,
    nodeFacts,
    host,
    clock,
    signal,
    log,
    references,
  })
  const event: PodContext['event'] = (pod, container, type, reason, message) => {
    const { name, namespace, uid, resourceVersion } = pod.metadata
    const part = container ? { fieldPath: fieldPath(pod, container) } : {}
    recorder.event(
      { apiVersion: 'v1', kind: 'Pod', name, namespace, uid, resourceVersion, ...part },
      type,
      reason,
      message,
    )
  }
  const images = new Images({
    docker: options.docker,
    clock,
    secret: (namespace, name) => references.secret(namespace, name),
    fromDesktop: (reference) => options.fromDesktop(reference),
    event,
  })
  const prober = createProber({
    clock,
    signal,
    exec(target, command, timeout) {
      const { last } = attemptsOf(engine.ofPod(target.pod.metadata.uid), target.container)
      if (!last) return Promise.resolve({ exitCode: -1, output: 'the container is gone' })
      return execInContainer(engine.docker, last.id, command, timeout)
    },
    onResult(uid, container, kind, ok, message) {
      const worker = workers.get(uid)
      if (!worker) return
      if (kind === 'readiness') setMember(worker.ready, container, ok)
      if (kind === 'startup' && ok) {
        worker.started.add(container)
        const spec = findContainer(worker.pod, container)
        if (!spec?.readinessProbe) worker.ready.add(container)
      }
      if (!ok && kind !== 'readiness') {
        worker
          .killForProbe(container, kind)
          .catch((error: unknown) => log(`${container} failed ${kind} probe (${message}): ${String(error)}`))
      }
      worker.kick()
    },
    onUnhealthy(pod, container, _kind, message) {
      event(pod, findContainer(pod, container), 'Warning', 'Unhealthy', message)
    },
  })
  return {
    engine,
    images,
    volumes,
    references,
    files: new PodFiles(options),
    prober,
    services: () => options.services.list(),
    nodeName,
    nodeIp,
    nodeFacts,
    networkReady: Promise.all([options.networkReady, options.services.synced]),
    clock,
    sendStatus: (pod, status) => sendStatus(client, pod, status),
    deletePod: (pod) => deletePod(client, pod),
    finished: (uid) => workers.delete(uid),
    event,
    log,
  }
}

const setMember = (set: Set<string>, member: string, present: boolean): void =>
  void (present ? set.add(member) : set.delete(member))

async function sendStatus(client: Client, pod: Pod, status: PodStatus): Promise<boolean> {
  const { name, namespace, uid } = pod.metadata
  // Conditions merge by their type, those of others stay; addresses replace those of an earlier sandbox.
  const podIPs = status.podIPs ? { podIPs: [{ $patch: 'replace' }, ...status.podIPs] } : {}
  const body = { metadata: { uid }, status: { ...status, ...podIPs } }
  try {
    await client
      .resource(refs.pods)
      .patch({ name, namespace, subresource: 'status', type: 'application/strategic-merge-patch+json', body })
    return true
  } catch (error) {
    if (isNotFound(error) || isConflict(error)) return false
    throw error
  }
}

async function deletePod(client: Client, pod: Pod): Promise<void> {
  const { name, namespace, uid } = pod.metadata
  try {
    await client.resource(refs.pods).delete(name, namespace, { gracePeriodSeconds: 0, preconditions: { uid } })
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error
  }
}

/** Containers of pods that were deleted while the agent was away. */
function removeOrphans(engine: Engine, pods: Informer<Pod>, context: PodContext, log: (message: string) => void): void {
  for (const { uid, name, namespace } of engine.pods()) {
    if (pods.get(`${namespace}/${name}`)?.metadata.uid === uid) continue
    log(`removing what is left of ${namespace}/${name}`)
    Promise.all(engine.ofPod(uid).map((one) => engine.remove(one.id)))
      .then(() => context.volumes.tearDown(uid))
      .then(() => context.files.remove(uid))
      .catch((error: unknown) => log(`removing ${namespace}/${name}: ${String(error)}`))
  }
}

function hostPortsOf(worker: PodWorker): HostPortEntry[] {
  const { spec } = worker.pod
  if (spec.hostNetwork || !worker.ip) return []
  return spec.containers.flatMap((container) =>
    (container.ports ?? [])
      .filter((port) => port.hostPort)
      .map((port) => ({
        hostIp: port.hostIP ?? '',
        hostPort: port.hostPort!,
        protocol: port.protocol ?? 'TCP',
        podIp: worker.ip,
        containerPort: port.containerPort,
      })),
  )
}

/** How the streams find a container by the names the API uses. */
function streamSources({ docker, host, nodeName, clock }: KubeletOptions, workers: Map<string, PodWorker>) {
  const workerOf = (namespace: string, pod: string): PodWorker | undefined =>
    [...workers.values()].find(
      (worker) => worker.pod.metadata.namespace === namespace && worker.pod.metadata.name === pod,
    )
  return {
    docker,
    nodeName,
    host,
    clock,
    find(target: { namespace: string; pod: string; container: string }) {
      const worker = workerOf(target.namespace, target.pod)
      if (!worker) return Promise.resolve(undefined)
      if (!findContainer(worker.pod, target.container)) return Promise.resolve(undefined)
      const waiting = worker.waitingOf(target.container)
      return Promise.resolve(foundContainer(attemptsOf(worker.observed, target.container), waiting?.reason))
    },
    pods: () => [...workers.values()].map((worker) => worker.pod),
    sandboxPid(namespace: string, pod: string) {
      const worker = workerOf(namespace, pod)
      return Promise.resolve(worker && attemptsOf(worker.observed, SANDBOX).last?.pid)
    },
  }
}
