import { expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { removeEnded } from './node-watch.ts'
import type { Observed } from './plan/observed.ts'

it('what ended pods have left in the engine goes, whatever else runs', async () => {
  const removed: string[] = []
  const worker = (phase: string, ...states: string[]) => ({
    pod: { metadata: { name: phase }, status: { phase } } as Pod,
    observed: states.map((state, i) => ({ id: `${phase}-${i}`, state }) as Observed),
  })
  const pods = [
    worker('Running', 'running', 'exited'),
    worker('Succeeded', 'exited', 'running'),
    worker('Failed', 'exited'),
  ]
  const engine = { remove: (id: string) => Promise.resolve(void removed.push(id)) }
  await removeEnded(engine, { all: () => pods })
  expect(removed).toEqual(['Succeeded-0', 'Failed-0'])
})
