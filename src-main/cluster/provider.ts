import type { NodeConfig as AgentConfig } from '../../src-wire/node/node-config.ts'
import type { NetworkModes } from './network-modes.ts'

/** State of a node's machine, as the provider sees it; whether the node is Ready is the API server's to say. */
export type NodeState = 'running' | 'paused' | 'stopped' | 'created'

/** A node's machine. Everything here is read back from the provider: nothing is remembered elsewhere. */
export interface NodeMachine {
  name: string
  state: NodeState
  /** Address on the node network. */
  address: string
  /** RFC 3339, when it was last started. */
  startedAt: string | undefined
}

/** Whether what runs in it begins anew when it is woken. */
export const beginsAnew = ({ state }: NodeMachine): boolean => state === 'stopped' || state === 'created'

/** A node that is to be made. */
export interface NodeOptions {
  name: string
  /** Content of /etc/drydock/node.json: where the API server is and how to join. */
  config: NodeConfig
}

/** As it is written for every agent: nothing is left to defaults. */
export type NodeConfig = AgentConfig & NetworkModes

/** The engine's network that the nodes of a cluster are in. */
export interface NodeNetwork {
  /** `172.28.0.0/24`. */
  subnet: string
  /** The desktop's own address there; the API server listens on it where it exists (Linux). */
  gateway: string
}

/** How a command within a node ended; `code` is its exit status. */
export interface ExecResult {
  code: number
  stdout: string
  stderr: string
}

/**
 * Where nodes run. Names and labels are those of ARCHITECTURE.md, "Names and numbers"; every verb is idempotent, so that an interrupted creation can be
 * repeated or undone. Errors are `UserError`s that name the remedy where a user can do something.
 */
export interface Provider {
  /** Makes the network when it is missing; the subnet, once chosen, is kept. */
  ensureNetwork(): Promise<NodeNetwork>
  /** The address that a node of this name has or will have. */
  addressFor(name: string): Promise<string>
  list(): Promise<NodeMachine[]>
  /** Creates and starts; what was half-made is removed when it fails. */
  create(options: NodeOptions): Promise<NodeMachine>
  /** Rewrites the node's configuration file (the API server may have moved). */
  configure(name: string, config: NodeConfig): Promise<void>
  start(name: string): Promise<void>
  stop(name: string): Promise<void>
  pause(name: string): Promise<void>
  resume(name: string): Promise<void>
  /** Removes the machine and its own volumes. */
  delete(name: string): Promise<void>
  exec(name: string, command: string[]): Promise<ExecResult>
  /** Loads an image archive (`docker save`) into the node's own engine. */
  loadImage(name: string, archive: NodeJS.ReadableStream): Promise<void>
  /** Resolves when the machine ends, whatever ends it; rejects with the signal's reason. */
  ended(name: string, signal: AbortSignal): Promise<void>
  /** The last lines that the machine wrote; none when it is gone. */
  logs(name: string, lines: number): Promise<string[]>
  /** Removes what the cluster shares: network and shared volume. */
  deleteShared(): Promise<void>
}
