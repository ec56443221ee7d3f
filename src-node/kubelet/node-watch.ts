import type { EventRecorder } from '../../src-kube/runtime/events.ts'
import { readConfiguration } from './configuration.ts'
import { NodePressure } from './node-pressure.ts'
import { NodeReadiness } from './node-readiness.ts'
import { NodeReporter } from './node-status.ts'
import type { DeviceAmounts } from './devices/plan/amounts.ts'
import type { Signal } from './plan/eviction/thresholds.ts'
import { reservation } from './plan/reserved.ts'
import { hasEnded } from './plan/status.ts'
import type { KubeletOptions } from './options.ts'
import type { Engine } from './runtime/engine.ts'
import { ImageGarbage } from './runtime/image-garbage.ts'
import { createNodeImages } from './runtime/node-images.ts'
import type { PodWorker } from './pod-worker.ts'
import type { Workers } from './workers.ts'

/** What a node's watch holds, each part to be asked by the kubelet. */
export interface NodeWatch {
  engine: Engine
  reporter: NodeReporter
  pressure: NodePressure
  garbage: ImageGarbage
}

/** What a node's watch tells and asks of others. */
export interface NodeHearing {
  /** Whenever the engine's containers are known again. */
  engineUp(): void
  /** For each pod that goes for what is short. */
  evicting(signal: Signal): void
  /** Attached volumes that pods here use; undefined before that is known. */
  volumesInUse(): string[] | undefined
  /** What plugins offer. */
  devices(): ReadonlyMap<string, DeviceAmounts>
}

/**
 * The engine, what the node says of itself, and who sees to it that it does not run out of what it has: each turn is told at once.
 */
export function createNodeWatch(
  options: KubeletOptions,
  workers: Workers,
  recorder: EventRecorder,
  { engineUp, evicting, volumesInUse, devices }: NodeHearing,
): NodeWatch {
  const { docker, clock, log } = options
  const tell = (): void => reporter.now()
  const readiness = new NodeReadiness(options, workers, { tell, engineUp })
  const warn = (reason: string) => (message: string) => reporter.tell({ type: 'Warning', reason, message })
  const garbage = new ImageGarbage({ ...options, pods: () => workers.pods(), failed: warn('FreeDiskSpaceFailed') })
  const pressure = new NodePressure({
    ...options,
    workers: () => workers.all(),
    removeEnded: () => removeEnded(readiness.engine, workers),
    removeImages: () => garbage.collect(Infinity),
    reclaiming: warn('EvictionThresholdMet'),
    evicting,
    onChange: tell,
  })
  const reporter = new NodeReporter({
    ...options,
    problem: () => readiness.problem,
    unsure: () => readiness.isUnsure,
    pressures: () => pressure.pressures,
    thresholds: () => pressure.settings.thresholds,
    reserved: readConfiguration(options, reservation).then((read) => read?.reserved),
    runtimeVersion: () => readiness.runtimeVersion,
    devices,
    images: createNodeImages(docker, clock, () => readiness.isEngineWell),
    volumesInUse,
    recorder,
  })
  options.networkReady.then(
    () => readiness.networkIsUp(),
    (error: unknown) => log(`network: ${String(error)}`),
  )
  return { engine: readiness.engine, reporter, pressure, garbage }
}

/** The containers of ended pods go, and their logs with them: the pods themselves stay as they were told of. */
export async function removeEnded(
  engine: Pick<Engine, 'remove'>,
  workers: { all(): Iterable<Pick<PodWorker, 'pod' | 'observed'>> },
): Promise<void> {
  const ended = [...workers.all()].filter(({ pod }) => hasEnded(pod)).flatMap(({ observed }) => observed)
  for (const { id, state } of ended) if (state === 'exited') await engine.remove(id)
}
