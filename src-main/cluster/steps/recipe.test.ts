import { describe, expect, it } from 'vitest'
import { UserError } from '../user-error.ts'
import { runRecipe, type Step, type StepProgress } from './recipe.ts'

function step(title: string, log: string[], fails = false): Step {
  return {
    title,
    run: async () => {
      log.push(`run ${title}`)
      if (fails) throw new Error(`${title} broke`)
    },
    undo: async () => {
      log.push(`undo ${title}`)
    },
  }
}

describe('runRecipe', () => {
  it('runs every step in order and reports each twice', async () => {
    const log: string[] = []
    const seen: StepProgress[] = []
    await runRecipe([step('a', log), step('b', log)], { progress: (p) => seen.push(p) })
    expect(log).toEqual(['run a', 'run b'])
    expect(seen.map((p) => `${p.title} ${p.state}`)).toEqual(['a running', 'a done', 'b running', 'b done'])
  })

  it('undoes the failed step and all before it, last first, and throws the failure', async () => {
    const log: string[] = []
    await expect(runRecipe([step('a', log), step('b', log, true), step('c', log)])).rejects.toThrow('b broke')
    expect(log).toEqual(['run a', 'run b', 'undo b', 'undo a'])
  })

  it('tells of an undo that failed, with the first failure as cause', async () => {
    const bad: Step = {
      title: 'a',
      run: async () => {},
      undo: () => Promise.reject(new Error('stuck')),
    }
    await expect(runRecipe([bad, step('b', [], true)])).rejects.toMatchObject({
      message: 'b broke (and undoing it failed 1 times)',
      cause: { message: 'b broke' },
    })
  })

  it('makes an error of whatever a step throws, and skips what cannot be undone', async () => {
    const seen: StepProgress[] = []
    const stubborn: Step = { title: 'a', run: async () => {} }
    const odd: Step = {
      title: 'b',
      run: () => {
        throw 'no disk'
      },
    }
    await expect(runRecipe([stubborn, odd], { progress: (p) => seen.push(p), now: () => 5 })).rejects.toThrow('no disk')
    expect(seen.at(-1)).toMatchObject({ title: 'b', state: 'failed', elapsed: 0, error: new Error('no disk') })
  })

  it('undoes everything when it is aborted, also what the step that ran then made, and throws the reason', async () => {
    const log: string[] = []
    const abort = new AbortController()
    const interrupted = new UserError('Interrupted.')
    const slow: Step = {
      title: 'slow',
      run: (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
      undo: () => Promise.resolve(void log.push('undo slow')),
    }
    const running = runRecipe([step('a', log), slow, step('c', log)], { signal: abort.signal })
    setImmediate(() => abort.abort(interrupted))
    await expect(running).rejects.toBe(interrupted)
    expect(log).toEqual(['run a', 'undo slow', 'undo a'])
  })

  it('starts no step after the abort of one that did not look', async () => {
    const log: string[] = []
    const abort = new AbortController()
    const deaf: Step = { title: 'deaf', run: async () => abort.abort(new UserError('Interrupted.')) }
    await expect(runRecipe([deaf, step('b', log)], { signal: abort.signal })).rejects.toThrow('Interrupted.')
    expect(log).toEqual([])
  })

  it('keeps the remedy of a failure whose undo failed too', async () => {
    const bad: Step = {
      title: 'a',
      run: () => Promise.reject(new UserError('No room.', 'Make some.')),
      undo: () => Promise.reject(new Error('stuck')),
    }
    const error = await runRecipe([bad]).catch((e: unknown) => e)
    expect(error).toMatchObject({ name: 'UserError', remedy: 'Make some.' })
    expect((error as Error).message).toBe('No room. Not all of it could be undone: stuck.')
  })
})
