import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { runRecipe } from '../cluster/steps/recipe.ts'
import { UserError } from '../cluster/user-error.ts'
import { TaskBoard, type Course } from './tasks.ts'

/** A task that is under way until the test ends it. */
function begin(board: TaskBoard, cluster = 'dev') {
  const end = Promise.withResolvers<void>()
  let course: Course | undefined
  const done = board.run(cluster, 'create', async (given) => {
    course = given
    await end.promise
  })
  done.catch(() => undefined)
  return { course: course!, done, finish: end.resolve, fail: end.reject }
}

describe('the board of tasks', () => {
  it('tells steps to come, the one that runs with its log, and how long each took', async () => {
    const clock = new FakeClock(1000)
    const board = new TaskBoard(clock)
    const { course } = begin(board)
    course.plan(['Network', 'Nodes'])
    course.progress({ title: 'Network', state: 'running', elapsed: 0 })
    course.log('made 172.28.0.0/24')
    course.progress({ title: 'Network', state: 'done', elapsed: 40 })
    course.plan(['Nodes'])
    expect(board.list()).toEqual([
      {
        id: 1,
        cluster: 'dev',
        verb: 'create',
        state: 'running',
        canCancel: true,
        steps: [
          { title: 'Network', state: 'done', begun: 1000, took: 40, log: ['made 172.28.0.0/24'] },
          { title: 'Nodes', state: 'pending', log: [] },
        ],
      },
    ])
  })

  it('tells of many changes at once, so that a talkative step costs a window little', async () => {
    const clock = new FakeClock()
    const board = new TaskBoard(clock)
    let told = 0
    board.subscribe(() => told++)
    const { course } = begin(board)
    told = 0
    course.progress({ title: 'Image', state: 'running', elapsed: 0 })
    for (let i = 0; i < 1000; i++) course.log(`line ${i}`)
    expect(told).toBe(0)
    await clock.advance(100)
    expect(told).toBe(1)
    expect(board.list()[0]!.steps[0]!.log).toHaveLength(200)
    expect(board.list()[0]!.steps[0]!.log.at(-1)).toBe('line 999')
  })

  it('does one thing at a time to a cluster, and others to other clusters', async () => {
    const board = new TaskBoard(new FakeClock())
    const first = begin(board)
    await expect(board.run('dev', 'stop', async () => {})).rejects.toMatchObject({
      message: 'Something else is being done to cluster dev (create).',
      remedy: 'Wait until it is done, or cancel it.',
    })
    begin(board, 'lab')
    expect(board.list().map(({ cluster }) => cluster)).toEqual(['dev', 'lab'])
    first.finish()
    await first.done
    expect(board.of('dev')).toBeUndefined()
  })

  it('keeps what failed, with the step and the remedy, until it is dismissed or begun again', async () => {
    const board = new TaskBoard(new FakeClock())
    const { course, done, fail } = begin(board)
    course.progress({ title: 'Nodes', state: 'running', elapsed: 0 })
    fail(new UserError('Docker is not running.', 'Start it.'))
    await done.catch(() => undefined)
    const [task] = board.list()
    expect(task).toMatchObject({ state: 'failed', message: 'Docker is not running.', remedy: 'Start it.' })
    expect(task).toMatchObject({ canCancel: false, steps: [{ title: 'Nodes', state: 'failed' }] })
    expect(board.of('dev')).toBeUndefined()
    board.dismiss(task!.id)
    expect(board.list()).toEqual([])
  })

  it('cancels by the signal: what was made is undone, and nothing is left on the board', async () => {
    const board = new TaskBoard(new FakeClock())
    const undone: string[] = []
    const made = Promise.withResolvers<void>()
    const done = board.run('dev', 'create', (course) =>
      runRecipe(
        [
          { title: 'Network', run: async () => {}, undo: async () => void undone.push('Network') },
          { title: 'Nodes', run: () => made.promise, undo: async () => void undone.push('Nodes') },
        ],
        course,
      ),
    )
    board.cancel(1)
    expect(board.list()).toMatchObject([{ state: 'cancelling', canCancel: false }])
    made.resolve()
    await expect(done).rejects.toThrow('Cancelled')
    expect([undone, board.list()]).toEqual([['Network'], []])
  })

  it('cannot cancel what can no longer be undone', async () => {
    const board = new TaskBoard(new FakeClock())
    const { course } = begin(board)
    course.commit()
    board.cancel(1)
    expect([course.signal.aborted, board.list()[0]!.state]).toEqual([false, 'running'])
  })
})
