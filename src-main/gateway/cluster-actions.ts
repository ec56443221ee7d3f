import type {
  ClusterActions as ClusterActionTypes,
  MachineActions as MachineActionTypes,
} from '../../src-wire/gateway/actions.ts'
import type { HelmActions as HelmActionTypes } from '../../src-wire/gateway/helm.ts'
import type { KubectlActions as KubectlActionTypes } from '../../src-wire/gateway/kubectl.ts'
import type { ClusterSummary } from '../../src-wire/gateway/messages.ts'
import type { PreferenceActions as PreferenceActionTypes } from '../../src-wire/gateway/preferences.ts'
import type { SignIn } from './sign-in.ts'
import type { TaskBoard } from './tasks.ts'

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
export type ClusterActions = Performed<ClusterActionTypes>

/** What Drydock can do to the machine itself; see {@link ClusterActions}. */
export type MachineActions = Performed<MachineActionTypes>

/** What the app does with helm to one cluster; see {@link ClusterActions}. */
export type HelmActions = Performed<HelmActionTypes>

/** What the consoles of kubectl do to one cluster; see {@link ClusterActions}. */
export type KubectlActions = Performed<KubectlActionTypes>

/** How what a person set is kept; see {@link ClusterActions}. */
export type PreferenceActions = Performed<PreferenceActionTypes>

type Performed<Types extends { [Name in keyof Types]: { input: unknown; result: unknown } }> = {
  [Name in keyof Types]: (input: Types[Name]['input'], context: ActionContext) => Promise<Types[Name]['result']>
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
  /** User name and password, for servers that still take them. */
  basic?: { username: string; password: string }
  /** Whom to act as (kubernetes.io, "User Impersonation"). */
  impersonate?: { user: string; groups: readonly string[] }
  /** The program that gives the credentials. */
  signIn?: SignIn
  /** URL of the proxy on the way; without one it is that of the environment. */
  proxy?: string
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
  /** Absent where no cluster can be made. */
  machine?: MachineActions
  /** What is being done to clusters; absent where nothing slow can be done. */
  tasks?: TaskBoard
}
