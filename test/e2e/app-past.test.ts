/** The cluster as it was, and what happened to one object. Set SHOTS to a folder to keep pictures. */
import { beforeAll, describe, expect, it } from 'vitest'
import { hasBrowser, useApp } from './testing/app-world.ts'

const world = useApp()
const { complaints, go, row, rows, shot } = world
const button = (name: string | RegExp) => world.page.getByRole('button', { name, exact: true })
const bar = () => world.page.getByRole('region', { name: 'Time' })
const versions = () => world.page.getByRole('option')

const MINUTE = 60_000

/** Settings that were blue, then green, and a note that is gone; each change is a minute after the one before. */
function arrange(): void {
  const { api } = world
  const settings = (color: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'colors', namespace: 'shop' },
    data: { color, level: 'info' },
  })
  const note = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'note', namespace: 'shop', uid: 'n' } }
  api.keepHistory()
  api.pass(MINUTE)
  api.put('configmaps', settings('blue'))
  api.put('configmaps', { ...note, data: { text: 'remember' } })
  api.pass(MINUTE)
  api.put('configmaps', settings('green'))
  api.pass(MINUTE)
  api.remove('configmaps', 'note', 'shop')
  api.pass(MINUTE)
}

describe.skipIf(!hasBrowser)('the past in the app', () => {
  beforeAll(async () => {
    arrange()
    await world.page.reload()
  })

  it('tells version by version what happened to an object, and what each changed', async () => {
    await go('/k/configmaps?sel=shop/colors&tab=history')
    await expect.poll(() => versions().count()).toBe(2)
    expect(await versions().first().innerText()).toMatch(/data\.color\s+blue → green/)
    await world.page.locator('.diff').getByText('color: green').waitFor()
    expect(await versions().last().innerText()).toContain('Created')
    await world.page.getByRole('listbox', { name: 'Versions' }).focus()
    await world.page.keyboard.press('ArrowDown')
    expect(await versions().last().getAttribute('aria-selected')).toBe('true')
    await world.page.keyboard.press('Shift+ArrowUp')
    await expect.poll(() => world.page.locator('.history [role=option][aria-selected=true]').count()).toBe(2)
    await shot('history-light')
    expect(complaints).toEqual([])
  })

  it('restores a version by the editor, where it is compared before it is saved', async () => {
    await go('/k/configmaps?sel=shop/colors&tab=history')
    await versions().last().click()
    await button('Restore this version…').click()
    await world.page.locator('.edit .monaco-editor').first().getByText('blue').waitFor()
    await world.page.locator('.edit .diff .char-delete').getByText('green').waitFor()
    await shot('restore-light')
    await button('Save').click()
    await world.page.locator('.edit [role=status]').getByText('Saved').waitFor()
    expect(world.api.find('configmaps', 'colors', 'shop')).toMatchObject({ data: { color: 'blue', level: 'info' } })
    await expect.poll(() => versions().count()).toBe(3)
    await button('Close: ConfigMap colors').click()
    expect(complaints).toEqual([])
  })

  it('shows lists as they were, says so, and goes back to now', async () => {
    await go('/k/configmaps')
    await row('colors').waitFor()
    expect(await row('note').count()).toBe(0)
    await button('Look at the past…').click()
    await bar().getByText('Move the slider').waitFor()
    expect(await world.page.evaluate('document.activeElement?.type')).toBe('range')
    await world.page.locator('h1').click()
    for (let i = 0; i < 2; i++) await world.page.keyboard.press('[')
    await bar()
      .getByText(/As it was at/)
      .waitFor()
    await row('note').waitFor()
    expect(world.page.url()).toContain('at=')
    await shot('past-list-light')
    await row('note').click()
    await world.page.locator('.drawer').getByText('remember').waitFor()
    await world.page.getByText('Actions, logs and shells are of now').waitFor()
    expect(await world.page.locator('.drawer').getByRole('button', { name: 'Edit' }).count()).toBe(0)
    expect(await button('Create').count()).toBe(0)
    await shot('past-detail-light')
    // Every page of the cluster shows the same moment, also after a reload.
    await world.page.getByRole('link', { name: 'Map', exact: true }).click()
    await world.page.getByRole('heading', { name: 'Map', exact: true }).waitFor()
    await world.page.reload()
    await bar()
      .getByText(/As it was at/)
      .waitFor()
    await world.page.locator('.map a').filter({ hasText: 'cart' }).first().waitFor()
    await shot('past-map-light')
    await world.page.goBack()
    await row('note').waitFor()
    await button('Back to now').click()
    await expect.poll(() => row('note').count()).toBe(0)
    expect(world.page.url()).not.toContain('at=')
    expect(complaints).toEqual([])
  })

  it('creates anew what is gone', async () => {
    await go('/k/configmaps')
    await button('Look at the past…').click()
    await bar().getByRole('link', { name: 'note' }).click()
    await world.page.getByText('It was deleted at').waitFor()
    await shot('deleted-light')
    await button('Create it again…').click()
    await world.page.locator('.apply .monaco-editor').getByText('remember').waitFor()
    await button('Apply').click()
    await expect.poll(() => world.api.find('configmaps', 'note', 'shop')).toMatchObject({ data: { text: 'remember' } })
    expect(world.api.find('configmaps', 'note', 'shop')?.metadata.uid).not.toBe('n')
    await versions().first().getByText('Created').waitFor()
    expect(complaints).toEqual([])
  })

  it('says what it cannot show, and what it shows instead', async () => {
    await go('/k/configmaps?at=2001-01-01T00:00:00Z')
    await bar().getByText('What is shown is now').waitFor()
    await row('colors').waitFor()
    await shot('past-too-old-light')
    await button('Back to now').click()
    await expect.poll(() => bar().count()).toBe(0)
    expect(await rows().count()).toBeGreaterThan(1)
    expect(complaints).toEqual([])
  })
})
