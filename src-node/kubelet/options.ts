import type Docker from 'dockerode'
import type { Readable } from 'node:stream'
import type { Node, Service } from '#types/core/v1'
import type { Informer } from '../../src-kube/client/informer.ts'
import type { Client } from '../../src-kube/client/typed-client.ts'
import type { Clock } from '../../src-kube/machinery/clock.ts'
import type { Host } from '../host/index.ts'
import type { PodRange } from './runtime/pod-network.ts'

/** What a kubelet is started with. */
export interface KubeletOptions {
  client: Client
  nodeName: string
  nodeIp: string
  host: Host
  docker: Docker
  stateDirectory: string
  /** On a file system in memory; goes with the node's machine. */
  memoryDirectory: string
  /** `/var/log`. */
  logDirectory: string
  /** When the node's machine started, in milliseconds since the epoch; unknown when absent. */
  machineStarted?: number
  clock: Clock
  signal: AbortSignal
  /** Where pods live, once that is known and the engine may be started. */
  networkReady: Promise<PodRange>
  clusterDns: string
  clusterDomain: string
  services: Informer<Service>
  nodes: Informer<Node>
  fromDesktop(reference: string): Promise<Readable | undefined>
  log(message: string): void
}
