import type { DataDirectory } from '../cluster/data-directory.ts'
import { checkRestore, restoreSnapshot } from '../cluster/snapshot/restore.ts'
import { stopMachines } from '../cluster/snapshot/stop-machines.ts'
import { runRecipe, type Step } from '../cluster/steps/recipe.ts'
import { deletionSteps, resetSteps } from '../cluster/teardown.ts'
import { upTitles } from '../cluster/up.ts'
import type { Course } from './tasks.ts'

/** A cluster as its lifecycle is steered. */
export interface Subject {
  readonly name: string
  readonly directory: DataDirectory
  readonly isRunning: boolean
  /** Brings it up, and tells of the steps. */
  start(course: Course): Promise<void>
  /** Ends its control plane, whichever process hosts it; nodes are left as they are. */
  halt(): Promise<void>
}

/** Its objects, nodes and volumes go; it starts again as if it were new, under its name and port. */
export async function resetCluster(subject: Subject, course: Course): Promise<void> {
  const { name, directory } = subject
  const steps = resetSteps({ name, directory, halt: () => subject.halt(), begin: course.commit, note: course.log })
  course.plan([...steps.map(({ title }) => title), ...startTitles(subject)])
  await runRecipe(steps, { progress: course.progress, signal: course.signal })
  await subject.start(course)
}

/** Nothing of it is left. */
export async function deleteCluster(subject: Subject, course: Course): Promise<void> {
  const { name, directory } = subject
  const steps = deletionSteps({ name, directory, halt: () => subject.halt(), begin: course.commit, note: course.log })
  await runRecipe(steps, { plan: course.plan, progress: course.progress, signal: course.signal })
}

/** Its state becomes that of a snapshot, and it starts. What fails before the state has changed leaves it as it was, running if it ran. */
export async function restoreCluster(subject: Subject, file: string, course: Course): Promise<void> {
  const { name, directory } = subject
  const wasRunning = subject.isRunning
  const steps: Step[] = [
    { title: 'Read snapshot', run: () => checkRestore(directory, name, file) },
    {
      title: 'Stop',
      run: () => subject.halt(),
      undo: async () => {
        if (wasRunning && !subject.isRunning) await subject.start({ ...course, signal: new AbortController().signal })
      },
    },
    {
      title: 'Replace state',
      async run() {
        course.commit()
        const stopNodes = (): Promise<void> => stopMachines(name, course.log)
        await restoreSnapshot({ directory, name, file, force: true, stopNodes })
      },
    },
  ]
  course.plan([...steps.map(({ title }) => title), ...startTitles(subject)])
  await runRecipe(steps, { progress: course.progress, signal: course.signal })
  await subject.start(course)
}

const startTitles = ({ name, directory }: Subject): string[] =>
  upTitles({ alone: directory.settings(name).alone === true })
