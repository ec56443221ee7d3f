/** The dock of the app: logs that are searched, tabs side by side. Set SHOTS to a folder to keep pictures. */
import { describe, expect, it } from 'vitest'
import { hasBrowser, useApp } from './testing/app-world.ts'

const world = useApp()
const { complaints, go, row, shot } = world

describe.skipIf(!hasBrowser)('the dock of the app', () => {
  it('searches a log by words and by expression, and goes from find to find', async () => {
    await go('/k/deployments.apps?sel=shop/catalog')
    await world.page.getByRole('button', { name: 'Logs' }).click()
    await world.page
      .getByText(/line 200/)
      .first()
      .waitFor()
    world.api.logLine('GET /cart 503 in 12 ms')
    world.api.logLine('get /cart 200 in 3 ms')
    await world.page.getByText('get /cart').first().waitFor()
    await world.page.getByRole('log').focus()
    await world.page.keyboard.press('/')
    await world.page.keyboard.type('get /cart')
    const said = world.page.getByRole('search').getByRole('status')
    await expect.poll(() => said.textContent()).toBe('16 found')
    await world.page.keyboard.press('Enter')
    await expect.poll(() => said.textContent()).toMatch(/^\d+ of 16$/)
    await world.page.locator('.line.current mark').waitFor()
    await shot('logs-search-light')
    await world.page.getByRole('button', { name: 'Match case' }).click()
    await expect.poll(() => said.textContent()).toBe('8 found')
    await world.page.getByRole('button', { name: 'Regular expression' }).click()
    const box = world.page.getByRole('searchbox', { name: 'Search' })
    await box.fill('GET /cart (5\\d\\d')
    await world.page.getByRole('search').getByRole('alert').waitFor()
    await box.fill('GET /cart 5\\d\\d')
    await expect.poll(() => said.textContent()).toBe('8 found')
    await world.page.getByRole('button', { name: 'Only lines that match' }).click()
    await world.page.getByText('8 lines').waitFor()
    await box.press('Shift+Enter')
    await expect.poll(() => said.textContent()).toBe('8 of 8')
    await box.press('Shift+Enter')
    await expect.poll(() => said.textContent()).toBe('7 of 8')
    await shot('logs-search-expression-light')
    for (const name of ['Match case', 'Regular expression', 'Only lines that match'])
      await world.page.getByRole('button', { name }).click()
    await box.press('Escape')
    expect(await box.inputValue()).toBe('')
    expect(complaints).toEqual([])
  })
})
