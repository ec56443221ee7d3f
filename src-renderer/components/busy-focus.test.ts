import { nextTick, effectScope } from 'vue'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { useBusyFocus } from './busy-focus.ts'

let scope = effectScope()
let [button, other] = [document.createElement('button'), document.createElement('button')]
beforeEach(() => {
  scope = effectScope()
  scope.run(useBusyFocus)
  ;[button, other] = [document.createElement('button'), document.createElement('button')]
  document.body.replaceChildren(button, other)
  button.focus()
})
afterEach(() => scope.stop())

/** As browsers do when they draw: what is switched off has no focus. */
async function begin(): Promise<void> {
  button.disabled = true
  await nextTick()
  other.focus()
  other.blur()
}

async function end(): Promise<void> {
  button.disabled = false
  await nextTick()
}

it('a button that was switched off while it was busy has the focus again', async () => {
  await begin()
  expect(document.activeElement).toBe(document.body)
  await end()
  expect(document.activeElement).toBe(button)
})

it('the focus stays where it has gone meanwhile', async () => {
  await begin()
  other.focus()
  await end()
  expect(document.activeElement).toBe(other)
})

it('a button that had no focus takes none', async () => {
  button.blur()
  await begin()
  await end()
  expect(document.activeElement).toBe(document.body)
})
