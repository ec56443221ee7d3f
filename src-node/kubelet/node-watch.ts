import type { EventRecorder } from '../../src-kube/runtime/events.ts'
import { NodeReporter } from './node-status.ts'
import { NodePressure } from './node-pressure.ts'
import type { Threshold } from './plan/eviction/thresholds.ts'
import { hasEnded } from './plan/status.ts'
import type { KubeletOptions } from './options.ts'
import { Engine } from './runtime/engine.ts'
import { EnginePulse, type PingedEngine } from './runtime/engine-pulse.ts'
import { ImageGarbage } from './runtime/image-garbage.ts'
import { createNodeImages } from './runtime/node-images.ts'
import type { PodWorker } from './pod-worker.ts'
import type { Workers } from './workers.ts'

/** Milliseconds that a new agent has for finding out whether engine and network are there. */
const UNSURE = 5_000
const NO_NETWORK = 'container runtime network not ready: no subnet has been leased yet'

/**
 * The engine, what the node says of itself, and who sees to it that it does not run out of what it has: each turn is told at once.
 *
 * @param engineUp called whenever the engine's containers are known again
 */
export function createNodeWatch(
  options: KubeletOptions,
  workers: Workers,
  recorder: EventRecorder,
  engineUp: () => void,
): { engine: Engine; reporter: NodeReporter; pressure: NodePressure; garbage: ImageGarbage } {
  const { docker, clock, signal, log } = options
  let networkUp = false
  let engineSpoke = false
  const sureAt = clock.monotonic() + UNSURE
  let version = ''
  const readVersion = async (): Promise<void> => {
    try {
      version = `docker://${(await docker.version()).Version}`
      reporter.now()
    } catch (error) {
      log(`engine version: ${String(error)}`)
    }
  }
  const engine = new Engine({
    docker,
    clock,
    signal,
    onChange: (uid) => workers.kick(uid),
    onState(up, words) {
      engineSpoke = true
      log(up ? 'engine is up' : `engine is down: ${words}`)
      if (up) pulse.heard()
      if (up) void readVersion()
      if (up) engineUp()
      // Pods that were bound while the engine was away have no containers to be found by.
      if (up) workers.kickAll()
      reporter.now()
    },
    log,
  })
  const pinged = docker as unknown as PingedEngine
  const pulse = new EnginePulse({ docker: pinged, clock, signal, onChange: () => reporter.now() })
  const problem = (): string =>
    (engine.up ? pulse.problem : 'container runtime is down') || (networkUp ? '' : NO_NETWORK)
  const images = createNodeImages(docker, clock, () => engine.up && pulse.problem === '')
  const garbage = new ImageGarbage({
    ...options,
    pods: () => workers.pods(),
    failed: (message) => reporter.tell({ type: 'Warning', reason: 'FreeDiskSpaceFailed', message }),
  })
  const pressure = new NodePressure({
    ...options,
    workers: () => workers.all(),
    removeEnded: () => removeEnded(engine, workers),
    removeImages: () => garbage.collect(Infinity),
    reclaiming: (message) => reporter.tell({ type: 'Warning', reason: 'EvictionThresholdMet', message }),
    onChange: () => reporter.now(),
  })
  const pressures = (): NodePressure['pressures'] => pressure.pressures
  const thresholds = (): readonly Threshold[] => pressure.settings.thresholds
  const reporter = new NodeReporter({
    ...options,
    problem,
    unsure: () => !(engineSpoke && networkUp) && clock.monotonic() < sureAt,
    pressures,
    thresholds,
    runtimeVersion: () => version,
    images,
    recorder,
  })
  options.networkReady.then(
    () => {
      networkUp = true
      reporter.now()
    },
    (error: unknown) => log(`network: ${String(error)}`),
  )
  return { engine, reporter, pressure, garbage }
}

/** The containers of ended pods go, and their logs with them: the pods themselves stay as they were told of. */
export async function removeEnded(
  engine: Pick<Engine, 'remove'>,
  workers: { all(): Iterable<Pick<PodWorker, 'pod' | 'observed'>> },
): Promise<void> {
  const ended = [...workers.all()].filter(({ pod }) => hasEnded(pod)).flatMap(({ observed }) => observed)
  for (const { id, state } of ended) if (state === 'exited') await engine.remove(id)
}
