import type { Identity } from './identity.ts'

/** A container as the engine has it; immutable, replaced at each event. */
export interface Observed {
  id: string
  /** Container of the pod, or `POD` for its sandbox. */
  name: string
  podUid: string
  podName: string
  podNamespace: string
  attempt: number
  hash: string
  /** What of processor and memory it was made with, as the engine was asked; undefined where that was not noted. */
  resources?: string | undefined
  /** Who its first process was; undefined where that was not noted. */
  user?: Identity | undefined
  /** Its control group. */
  group: string
  state: 'created' | 'running' | 'exited'
  pid: number
  /** RFC 3339; undefined before. */
  startedAt: string | undefined
  finishedAt: string | undefined
  exitCode: number
  oomKilled: boolean
  /** Why the engine could not start it. */
  error: string
  /** What it said about its end itself. */
  message?: string | undefined
  /** It is from before all containers of its pod were to start anew. */
  outdated?: true
  imageId: string
  /** `registry/path@sha256:…`; undefined of an image that came from nowhere. */
  imageDigest?: string | undefined
  /** The engine's file with what it wrote; empty where there is none. */
  logPath?: string | undefined
  /** Of a sandbox that runs on the pod network. */
  ip: string
  /** Address that a sandbox was made for; it has joined the network only when its link is there. */
  address?: string | undefined
}

/** The latest attempt of a container, and the one before. */
export function attemptsOf(
  observed: readonly Observed[],
  name: string,
): { last: Observed | undefined; previous: Observed | undefined } {
  const all = observed.filter((one) => one.name === name).sort((a, b) => b.attempt - a.attempt)
  return { last: all[0], previous: all[1] }
}
