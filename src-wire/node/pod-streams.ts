import type { Duplex, Readable, Writable } from 'node:stream'
import type { TraceServices } from '../trace/steps.ts'
import type { NetworkPolicyDocument } from './network-policy.ts'

/** A container of a pod on this node. */
export interface ContainerTarget {
  namespace: string
  pod: string
  uid?: string | undefined
  container: string
}

/** `PodLogOptions` of the API. */
export interface LogOptions {
  follow: boolean
  previous: boolean
  timestamps: boolean
  tailLines?: number | undefined
  limitBytes?: number | undefined
  sinceSeconds?: number | undefined
  /** RFC 3339. */
  sinceTime?: string | undefined
  /** `All` (default), `Stdout` or `Stderr`. */
  stream?: string | undefined
}

/** A command in a container that runs, and which of its streams are wanted; with `tty` what it says comes on stdout alone. */
export interface ExecOptions {
  command: string[]
  stdin: boolean
  stdout: boolean
  stderr: boolean
  tty: boolean
}

/** A running command or attached container. Streams that were not asked for are undefined. */
export interface ExecSession {
  stdin: Writable | undefined
  stdout: Readable | undefined
  /** Undefined with a tty: all output is on stdout. */
  stderr: Readable | undefined
  resize(columns: number, rows: number): void
  /** Exit code; for attach, resolves with 0 when the stream ends. Rejects when the runtime fails. */
  exit: Promise<number>
  /** Ends the session from our side: the client went away. */
  close(): void
}

/**
 * What the kubelet offers to the API server: the node end of `pods/log`, `pods/exec`, `pods/attach`, `pods/portforward`.
 * Failures are `StatusError`s (404 for an unknown pod or container, 400 for one that has not started, …).
 */
export interface PodStreams {
  /** Raw log bytes, each line prefixed by its time when asked. Ends at the end of the log, or of the container when following. */
  logs(target: ContainerTarget, options: LogOptions, signal: AbortSignal): Promise<Readable>
  exec(target: ContainerTarget, options: ExecOptions): Promise<ExecSession>
  attach(target: ContainerTarget, options: Omit<ExecOptions, 'command'>): Promise<ExecSession>
  /** A TCP connection to a port inside the pod's network namespace (127.0.0.1 there). */
  portForward(pod: { namespace: string; pod: string; uid?: string | undefined }, port: number): Promise<Duplex>
}

/** Images and engine of the node, for `image load` and statistics. */
export interface NodeServices {
  /** Loads an image archive (`docker save` format) into the node's engine; resolves with the names loaded. */
  loadImage(archive: Readable): Promise<string[]>
  /** Raw TCP from the node's network: pod and service addresses. */
  dial(host: string, port: number): Promise<Duplex>
  /** UDP from the node's network to one address: datagrams with their lengths before them (src-wire/tunnel/datagrams.ts). */
  dialDatagrams?(host: string, port: number): Promise<Duplex>
  /** Removes what a provisioned volume holds, by the volume's name. */
  removeVolume?(name: string): Promise<void>
  /** Enforces a document instead of the one before; resolves when the kernel does. */
  enforceNetworkPolicy?(document: NetworkPolicyDocument): Promise<void>
  /** Follows packets; absent on a node that cannot. */
  trace?: TraceServices
  /** `stats/summary` of the kubelet API, whole or with the processors and memory alone, which are told at less cost. */
  statsSummary(asked?: { onlyCpuAndMemory?: boolean | undefined }): Promise<unknown>
  /** `/pods` of the kubelet API: a `PodList` of what runs here. */
  pods?(): Promise<unknown>
  /** `/metrics` (``), `/metrics/cadvisor`, `/metrics/resource`, `/metrics/probes` in Prometheus' text format; undefined for an unknown one. */
  metrics?(which: string): Promise<string | undefined>
  /** `/configz` of the kubelet API: what it goes by. */
  config?(): Promise<unknown>
  /** `/logs/` of the kubelet API: a file below `/var/log`, or the list of a directory; undefined where there is none. */
  log?(path: string): Promise<KubeletPage | undefined>
}

/** A page of the kubelet's HTTP API that is made at once. */
export interface KubeletPage {
  contentType: string
  text: string
}
