import { expect, it } from 'vitest'
import { actions } from '../actions/index.ts'
import { en } from '../i18n/en.ts'
import { stepsOf } from './next-steps.ts'

it('leads from what a hint tells to look at or do to an action, a tab or a page that is there', () => {
  const ids = actions.map(({ id }) => id)
  for (const hint of Object.keys(en.hints))
    for (const step of stepsOf(hint)) if ('action' in step) expect(ids).toContain(step.action)
  expect(stepsOf('crashed')).toEqual([{ action: 'previous' }, { action: 'logs' }])
  expect(stepsOf('deadline')).toEqual([])
})
