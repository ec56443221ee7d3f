import { describe, expect, it } from 'vitest'
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
})
