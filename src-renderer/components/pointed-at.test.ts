import { expect, it } from 'vitest'
import { pointedAt } from './pointed-at.ts'

it('is what a cell says, without what is drawn in it; nothing for the name, the box and what is no cell', () => {
  document.body.innerHTML = `
    <div role="row">
      <span role="gridcell" class="check"><input type="checkbox" /></span>
      <span role="gridcell" class="cell name"><b>web</b></span>
      <span role="gridcell" class="cell status"><span><span role="img">●</span><i>Running</i></span></span>
      <p>outside</p>
    </div>`
  const at = (part: string): string => pointedAt(document.querySelector(part))
  expect([at('i'), at('[role=img]'), at('b'), at('input'), at('p')]).toEqual(['Running', 'Running', '', '', ''])
  expect(pointedAt(null)).toBe('')
})
