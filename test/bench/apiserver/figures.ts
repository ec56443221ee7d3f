import type { AdminCredentials } from '../../../src-main/controlplane/protocol.ts'

/** What the load client is told. */
export interface LoadTarget {
  port: number
  admin: AdminCredentials
  pods: number
}

/** Of one run, as the client saw it: calls or events a second; `list` in milliseconds. */
export interface Figures {
  /** The first thousand creations after the start, by 16 clients. */
  first: number
  create: number
  createAlone: number
  get: number
  list: number
  patch: number
  watch: number
}
