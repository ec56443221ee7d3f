/** Helm, the user's own program, at work on any cluster that the gateway reaches: releases are helm's own, and so are its words. */
import type { HelmState, ReleaseName, ReleaseTask, ReleaseVerb, ReleaseWish } from '../../../src-wire/gateway/helm.ts'
import { UserError } from '../../cluster/user-error.ts'
import type { ClusterSource, HelmActions } from '../cluster-actions.ts'
import { TaskBoard } from '../tasks.ts'
import {
  addRepositoryArguments,
  releaseArguments,
  removeRepositoryArguments,
  repositoriesArguments,
  rollbackArguments,
  searchArguments,
  showArguments,
  uninstallArguments,
  updateArguments,
  versionArguments,
} from './arguments.ts'
import { findHelm, missingHelm, remedyFor } from './find.ts'
import { chartFacts, foundCharts, preview, repositories } from './parse.ts'
import { runHelm, type HelmRun } from './run.ts'
import { checkChart, checkRelease, checkRepository, checkRepositoryName, checkRevision, checkWish } from './validate.ts'

/** Helm's own program, run for clusters: one task a release at a time. */
export interface Helm {
  /** What can be done with helm to a cluster of this id. */
  actions(cluster: string): HelmActions
  tasks(): ReleaseTask[]
  /** Calls back after changes of {@link tasks}; the result ends that. */
  subscribe(listener: () => void): () => void
  /** Ends every helm that runs, and resolves when they have ended. */
  stop(): Promise<void>
}

/** Where helm is looked for. */
export interface HelmOptions {
  /** Path of the program, looked for each time: it may be installed meanwhile. */
  find?: () => string | undefined
}

/** Without a helm on this machine every action fails with what to do about it. */
export function createHelm(clusters: Pick<ClusterSource, 'connection'>, { find = findHelm }: HelmOptions = {}): Helm {
  const board = new TaskBoard()
  const under = new Set<Promise<unknown>>()
  const ask = (run: Omit<HelmRun, 'program'>): Promise<string> => {
    const program = find()
    if (!program) return Promise.reject(new UserError('There is no helm on this machine.', remedyFor(missingHelm())))
    const running = runHelm({ program, ...run })
    const settled = running.catch(() => undefined).finally(() => under.delete(settled))
    under.add(settled)
    return running
  }
  const task = async (cluster: string, verb: ReleaseVerb, release: ReleaseName, run: TaskRun) => {
    const subject = subjectOf(cluster, release)
    const other = board.of(subject)
    if (other)
      throw new UserError(
        `Something else is being done to release ${release.name} (${other.verb}).`,
        'Wait until it is done.',
      )
    const connection = connectionOf(clusters, cluster)
    return board.run(subject, verb, async ({ progress, log, signal }) => {
      progress({ title: verb, state: 'running', elapsed: 0 })
      const done = ask({ ...run, connection, line: log, signal })
      return {
        output: await done.catch((error: unknown) => Promise.reject(signal.aborted ? ended(error, verb) : error)),
      }
    })
  }
  return {
    actions: (cluster) => actionsOn(cluster, { ask, task, board, find, clusters }),
    tasks: () => board.list().map(taskOf),
    subscribe: (listener) => board.subscribe(listener),
    async stop() {
      for (const { id } of board.list()) board.cancel(id)
      await Promise.all(under)
    },
  }
}

type TaskRun = Pick<HelmRun, 'arguments' | 'values'>

interface Means {
  ask(run: Omit<HelmRun, 'program'>): Promise<string>
  task(cluster: string, verb: ReleaseVerb, release: ReleaseName, run: TaskRun): Promise<{ output: string }>
  board: TaskBoard
  find: () => string | undefined
  clusters: Pick<ClusterSource, 'connection'>
}

const actionsOn = (cluster: string, means: Means): HelmActions => ({
  ...chartActions(means),
  ...releaseActions(cluster, means),
})

type ChartAction =
  | 'state'
  | 'repositories'
  | 'addRepository'
  | 'removeRepository'
  | 'updateRepositories'
  | 'search'
  | 'chart'

/** What is asked of helm without a cluster. */
function chartActions(means: Means): Pick<HelmActions, `helm.${ChartAction}`> {
  const { ask } = means
  return {
    'helm.state': () => stateOf(means),
    'helm.repositories': async (_input, { signal }) => listed(ask({ arguments: () => repositoriesArguments, signal })),
    async 'helm.addRepository'(repository, { signal, progress }) {
      checkRepository(repository)
      const input = repository.user ? (repository.password ?? '') : undefined
      const words = (): string[] => addRepositoryArguments(repository)
      return { output: await ask({ arguments: words, input, signal, line: progress }) }
    },
    async 'helm.removeRepository'({ name }, { signal }) {
      checkRepositoryName(name)
      return { output: await ask({ arguments: () => removeRepositoryArguments(name), signal }) }
    },
    'helm.updateRepositories': async (_input, { signal, progress }) => ({
      output: await ask({ arguments: () => updateArguments, signal, line: progress }),
    }),
    async 'helm.search'({ chart }, { signal }) {
      if (chart !== undefined) checkChart({ source: 'repository', chart })
      const said = ask({ arguments: () => searchArguments(chart), signal }).catch(noneWithoutRepositories)
      return foundCharts(await said, chart)
    },
    async 'helm.chart'(reference, { signal }) {
      checkChart(reference)
      const show = (what: 'chart' | 'values' | 'readme') =>
        ask({ arguments: () => showArguments(what, reference), signal })
      // The first fills helm's cache, so that a chart is downloaded once.
      const chart = await show('chart')
      const [values, readme] = await Promise.all([show('values'), show('readme')])
      return chartFacts({ chart, values, readme })
    },
  }
}

/** What concerns the releases of a cluster. */
function releaseActions(cluster: string, means: Means): Omit<HelmActions, `helm.${ChartAction}`> {
  const { ask, task, board, clusters } = means
  const apply = (verb: 'install' | 'upgrade', wish: ReleaseWish) => {
    checkWish(wish)
    const words = (values: string | undefined) => releaseArguments(verb, wish, { values })
    return task(cluster, verb, wish, { values: wish.values, arguments: words })
  }
  return {
    async 'helm.preview'({ verb, wish }, { signal }) {
      checkWish(wish)
      const connection = connectionOf(clusters, cluster)
      const words = (values: string | undefined) => releaseArguments(verb, wish, { values, preview: true })
      return preview(await ask({ connection, values: wish.values, arguments: words, signal }))
    },
    'helm.install': async (wish) => apply('install', wish),
    'helm.upgrade': async (wish) => apply('upgrade', wish),
    async 'helm.rollback'(wish) {
      checkRelease(wish)
      checkRevision(wish.revision)
      return task(cluster, 'rollback', wish, { arguments: () => rollbackArguments(wish) })
    },
    async 'helm.uninstall'(wish) {
      checkRelease(wish)
      return task(cluster, 'uninstall', wish, { arguments: () => uninstallArguments(wish) })
    },
    'helm.cancel': async ({ id }) => nothing(board.cancel(id)),
    'helm.dismiss': async ({ id }) => nothing(board.dismiss(id)),
  }
}

async function stateOf({ ask, find }: Means): Promise<HelmState> {
  const path = find()
  if (!path) return { missing: missingHelm() }
  return { path, version: (await ask({ arguments: () => versionArguments })).trim() }
}

function connectionOf(clusters: Pick<ClusterSource, 'connection'>, cluster: string) {
  const connection = clusters.connection(cluster)
  if (!connection) throw new UserError(`There is no cluster "${cluster}".`)
  return connection
}

/** Somebody without repositories has none to list and nothing to find: helm calls that an error. */
const noneWithoutRepositories = (error: unknown): string => {
  if (error instanceof UserError && /no repositories/i.test(error.message)) return '[]'
  throw error
}
const listed = async (said: Promise<string>) => repositories(await said.catch(noneWithoutRepositories))

/** Helm that was ended leaves what it made; the release says so itself. */
function ended(error: unknown, verb: ReleaseVerb): UserError {
  const said = error instanceof UserError ? error.message : String(error)
  return new UserError(
    `Helm was ended during ${verb}: ${said}`,
    'What it made until then is still there: roll the release back, upgrade it again, or uninstall it.',
  )
}

const subjectOf = (cluster: string, { namespace, name }: ReleaseName): string =>
  JSON.stringify([cluster, namespace, name])

function taskOf({ cluster: subject, steps, ...task }: ReturnType<TaskBoard['list']>[number]): ReleaseTask {
  const [cluster, namespace, name] = JSON.parse(subject) as [string, string, string]
  return { ...task, verb: task.verb as ReleaseVerb, cluster, namespace, name, log: steps.flatMap(({ log }) => log) }
}

const nothing = (_done: void): null => null
