import type { ClusterTask } from './clusters.ts'
import type { MissingProgram } from './programs.ts'

/** Where a chart comes from: a repository that helm knows, an address (`oci://`, `https://`), or a folder or archive of this machine. */
export interface ChartReference {
  source: 'repository' | 'address' | 'path'
  /** `repository/chart`, the address, or the absolute path. */
  chart: string
  /** A version or a range of them; helm takes the newest without one. */
  version?: string
}

/** A release: its name is unique in its namespace. */
export interface ReleaseName {
  namespace: string
  name: string
}

/** A release that somebody would like to have, or to have otherwise. */
export interface ReleaseWish extends ReleaseName {
  chart: ChartReference
  /** YAML, given whole: what stood before is not reused. Empty for the chart's own. */
  values: string
  /** Of an installation: makes the namespace when it is missing. */
  createNamespace?: boolean
  /** Waits until what was made is ready. */
  wait?: boolean
  /** Seconds that helm waits for anything; its own five minutes without it. */
  timeout?: number
  /** Tells of every step. */
  verbose?: boolean
}

/** What a release may be called: helm allows dots, and 53 characters so that names of objects can be made of it (helm.sh, "Naming"). */
export const RELEASE_NAME_FORM = /^(?=.{1,53}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
/** A DNS label, as names of namespaces are. */
export const NAMESPACE_FORM = /^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

/** One chart of a repository, in one version. */
export interface FoundChart {
  /** `repository/chart`. */
  name: string
  version: string
  appVersion: string
  description: string
}

/** What a chart says of itself. */
export interface ChartFacts {
  name: string
  version: string
  appVersion: string
  description: string
  /** Its default values, as they are written, with their comments. */
  values: string
  /** Markdown; empty where there is none. */
  readme: string
}

/** An entry of helm's own `repositories.yaml`. */
export interface ChartRepository {
  name: string
  url: string
}

/** A repository as it is added; helm keeps user and password in its own configuration. */
export interface NewRepository extends ChartRepository {
  user?: string
  password?: string
}

/** Whether there is a helm on this machine. */
export interface HelmState {
  version?: string
  path?: string
  /** Where there is none: the command that installs one on this system, or what `DRYDOCK_HELM` names and cannot be run. */
  missing?: MissingProgram
  /** Why it does not run, and what to do. */
  problem?: string
}

/** What would be installed. */
export interface ReleasePreview {
  /** What a release keeps, as one that is deployed has it. */
  manifest: string
  /** What runs before or after, and is no part of the release. */
  hooks: string
  notes: string
}

/** What is done to a release, by helm's own names. */
export type ReleaseVerb = 'install' | 'upgrade' | 'rollback' | 'uninstall'

/** Helm at work: it goes on when the window that asked for it is closed, and every window sees it. */
export interface ReleaseTask extends Omit<ClusterTask, 'verb' | 'steps'>, ReleaseName {
  verb: ReleaseVerb
  /** What helm said, the last lines. */
  log: string[]
}

interface Said {
  /** What helm said, all of it. */
  output: string
}

/** What the app does with the real helm to any cluster that it reaches. */
export interface HelmActions {
  'helm.state': { input: Record<string, never>; result: HelmState }
  'helm.repositories': { input: Record<string, never>; result: ChartRepository[] }
  'helm.addRepository': { input: NewRepository; result: Said }
  'helm.removeRepository': { input: { name: string }; result: Said }
  'helm.updateRepositories': { input: Record<string, never>; result: Said }
  /** Charts of all repositories; with `chart` all versions of that one, the newest first. */
  'helm.search': { input: { chart?: string }; result: FoundChart[] }
  'helm.chart': { input: ChartReference; result: ChartFacts }
  /** Rendered with what the cluster offers; nothing is stored. */
  'helm.preview': { input: { verb: 'install' | 'upgrade'; wish: ReleaseWish }; result: ReleasePreview }
  'helm.install': { input: ReleaseWish; result: Said }
  'helm.upgrade': { input: ReleaseWish; result: Said }
  'helm.rollback': { input: ReleaseName & { revision: number; wait?: boolean }; result: Said }
  'helm.uninstall': { input: ReleaseName & { keepHistory?: boolean; wait?: boolean }; result: Said }
  /** Ends helm; what it made until then stays. */
  'helm.cancel': { input: { id: number }; result: null }
  /** Forgets a task that has failed. */
  'helm.dismiss': { input: { id: number }; result: null }
}
