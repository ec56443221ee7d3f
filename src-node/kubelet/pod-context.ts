import type { Pod, PodStatus, Service } from '#types/core/v1'
import type { Clock } from '../../src-kube/machinery/clock.ts'
import type { ControlGroupUsage } from '../host/index.ts'
import type { ResizeRefusal } from './plan/admission.ts'
import type { Refusal } from './plan/failure.ts'
import type { NodeSettings } from './plan/settings.ts'
import type { TellPodEvent } from './pod-event.ts'
import type { createProber } from './probes/index.ts'
import type { Engine } from './runtime/engine.ts'
import type { PodDevices } from './devices/index.ts'
import type { Images } from './runtime/images.ts'
import type { LogLinks } from './runtime/log-links.ts'
import type { NodeFacts } from './runtime/node-facts.ts'
import type { PodFiles } from './runtime/pod-files.ts'
import type { PodGroups } from './runtime/pod-groups.ts'
import type { PodNetwork } from './runtime/pod-network.ts'
import type { References, Volumes } from './volumes/index.ts'

/** What the workers of all pods share. */
export interface PodContext {
  /** What the node's owner has it go by. */
  settings: NodeSettings
  /** Milliseconds since the epoch. */
  machineStarted: number
  engine: Engine
  images: Images
  volumes: Volumes
  devices: PodDevices
  references: References
  files: PodFiles
  logs: LogLinks
  prober: ReturnType<typeof createProber>
  services(): readonly Service[]
  nodeName: string
  nodeIp: string
  nodeFacts: NodeFacts
  /** The control groups of pods. */
  groups: PodGroups
  /** What a control group has used; undefined when it is gone. */
  usageOf(group: string): Promise<ControlGroupUsage | undefined>
  /** Has all processes of a container end when one has used up its memory; `pid` is of any of them. */
  endTogether(pid: number): Promise<void>
  /** Which of the engine's runtimes a pod asks for; undefined for the usual one. */
  runtimeHandler(pod: Pod): Promise<string | undefined>
  network: PodNetwork
  /** Resolves when pods can have a network. */
  networkReady: Promise<unknown>
  clock: Clock
  /** Why the node does not take a pod; undefined when it does, after `admitted` was called. */
  admit(pod: Pod, admitted: () => void): Promise<Refusal | undefined>
  /** Why a pod that runs here is not given the resources that it asks for now; undefined when it can be. */
  resizable(pod: Pod): ResizeRefusal | undefined
  /** Writes a status; false when the pod is gone or another write must come first. */
  sendStatus(pod: Pod, status: PodStatus): Promise<boolean>
  /** Removes the object of a pod that has ended. */
  deletePod(pod: Pod): Promise<void>
  finished(uid: string): void
  event: TellPodEvent
  log(message: string): void
}
