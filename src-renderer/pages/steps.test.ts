import { expect, it } from 'vitest'
import { createSteps } from './steps.ts'

function setup() {
  let at = 0
  const steps = createSteps(() => at)
  const told = () => steps.steps.value.map(({ text, state, took }) => [text, state, took])
  return { steps, told, later: (milliseconds: number) => void (at += milliseconds) }
}

it('a step ends when the next begins, and each tells how long it took', () => {
  const { steps, told, later } = setup()
  steps.begin('network')
  later(300)
  steps.begin('node n1')
  steps.begin('node n1')
  later(1200)
  expect(told()).toEqual([
    ['network', 'done', 300],
    ['node n1', 'running', undefined],
  ])
  steps.end('done')
  expect(told()[1]).toEqual(['node n1', 'done', 1200])
})

it('the step under way is the one that failed', () => {
  const { steps, told, later } = setup()
  steps.begin('network')
  steps.begin('node n1')
  later(50)
  steps.end('failed')
  expect(told()).toEqual([
    ['network', 'done', 0],
    ['node n1', 'failed', 50],
  ])
  steps.clear()
  expect(told()).toEqual([])
})

it('of very many steps the last are kept', () => {
  const { steps, told } = setup()
  for (let percent = 0; percent <= 100; percent++) steps.begin(`${percent} %`)
  expect([told().length, told().at(-1)]).toEqual([40, ['100 %', 'running', undefined]])
})
