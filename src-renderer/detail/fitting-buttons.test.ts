import { expect, it } from 'vitest'
import { fittingButtons } from './fitting-buttons.ts'

const service = ['Edit', 'Forward port', 'Labels', 'Annotations', 'Delete']

it('all buttons stand in a row when they fit, else as many as leave room for the menu', () => {
  expect(fittingButtons(service, 800)).toBe(5)
  expect(fittingButtons(service, 496)).toBe(4)
  expect(fittingButtons(service, 336)).toBe(2)
  expect(fittingButtons(service, 10)).toBe(1)
  expect(fittingButtons([], 0)).toBe(0)
})

it('Chinese words are wider than as many letters', () => {
  expect(fittingButtons(['编辑标签', '编辑注解'], 180)).toBe(1)
  expect(fittingButtons(['edit', 'note'], 180)).toBe(2)
})
