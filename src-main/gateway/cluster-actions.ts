import type { Actions, ActionName } from '../../src-wire/gateway/actions.ts'
import type { ClusterSummary } from '../../src-wire/gateway/messages.ts'

/** How an action says what it is doing; the text is shown as it stands. */
export interface ActionContext {
  progress(text: string): void
  /** Aborts when the window that asked has gone or gave up; an action may ignore it where stopping would leave halves behind. */
  signal: AbortSignal
}

/**
 * What Drydock can do to one of its own clusters, one function an action. A failure is an Error whose message is one
 * sentence with the remedy: it is shown as it stands.
 */
export type ClusterActions = {
  [Name in ActionName]: (input: Actions[Name]['input'], context: ActionContext) => Promise<Actions[Name]['result']>
}

/** How to reach an API server: what a kubeconfig context comes to. PEM texts. */
export interface ClusterConnection {
  /** `https://127.0.0.1:6443`, perhaps with a path. */
  server: string
  certificateAuthority?: string
  clientCertificate?: string
  clientKey?: string
  token?: string
  /** Name to verify the certificate against instead of the server's host. */
  serverName?: string
  /** Accepts any certificate, as the kubeconfig asked. */
  insecure?: boolean
}

/** The clusters the app knows: its own, and those of kubeconfig files. */
export interface ClusterSource {
  list(): ClusterSummary[]
  /** Undefined when there is none of this id. Throws an Error that says why when it cannot be reached (stopped, unsupported login). */
  connection(id: string): ClusterConnection | undefined
  /** Undefined for clusters that Drydock does not run. */
  actions(id: string): ClusterActions | undefined
  /** Calls back after every change of what {@link list} returns; the result ends that. */
  subscribe(listener: () => void): () => void
}
