/** What a person set, seen from two hosts with an address each and from browsers that know nothing of each other. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type Gateway } from '../../src-main/gateway/index.ts'
import { readPreferences } from '../../src-main/gateway/preferences/preferences-file.ts'
import { openPreferences } from '../../src-main/gateway/preferences/preferences.ts'
import { hasBrowser, rendererDirectory, twoClusters, useApp } from './testing/app-world.ts'
import { eventually } from '../helpers/eventually.ts'

describe.skipIf(!hasBrowser)('what a person set', () => {
  const world = useApp()
  let folder: string
  const hosts: Gateway[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'preferences-'))
    for (const _ of ['one', 'two'])
      hosts.push(
        await startGateway({
          clusters: twoClusters(() => world.api),
          rendererDirectory,
          preferences: openPreferences(join(folder, 'preferences.json')),
        }),
      )
  })
  afterAll(async () => {
    for (const host of hosts) await host.stop()
    await rm(folder, { recursive: true })
  })

  const browser = (): Browser => world.page.context().browser()!
  /** A browser that has not been anywhere yet, and a page of it; `before` is what local storage has there. */
  const visit = async (host: Gateway, before: Record<string, string> = {}): Promise<Page> => {
    const page = await (
      await browser().newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' })
    ).newPage()
    await page.addInitScript(
      `if (!localStorage.length) for (const [k, v] of Object.entries(${JSON.stringify(before)})) localStorage.setItem(k, v)`,
    )
    await page.goto(host.issueUrl())
    await page.locator('.rail').waitFor()
    return page
  }
  const themeOf = (page: Page): Promise<unknown> => page.evaluate('document.documentElement.dataset.theme')
  const kept = async (): Promise<Record<string, string>> =>
    (await readPreferences(join(folder, 'preferences.json')))?.values ?? {}

  it('in a browser before is brought along, and a new browser at another address begins with it', async () => {
    const list = { id: '1', name: 'web pods', view: 'pods', query: { q: 'web' }, columns: { hidden: [] } }
    const old = await visit(hosts[0]!, { 'drydock.theme': 'dark', 'drydock.lists': JSON.stringify([list]) })
    await eventually('kept', kept, (all) => 'drydock.lists' in all && all['drydock.theme'] === 'dark', 10_000)
    const other = await visit(hosts[1]!, {
      'drydock.lists': JSON.stringify([{ ...list, name: 'api pods', query: { q: 'api' } }]),
    })
    expect(await themeOf(other)).toBe('dark')
    await other.getByRole('link', { name: 'web pods' }).waitFor()
    await other.getByRole('link', { name: 'api pods' }).waitFor()
    await old.getByRole('link', { name: 'api pods' }).waitFor()
    await old.context().close()
    await other.context().close()
  })

  it('in one window is seen in the windows of another host, without a reload', async () => {
    const [here, there] = [await visit(hosts[0]!), await visit(hosts[1]!)]
    await here.goto(`${new URL(hosts[0]!.url).origin}/#/settings`)
    await here.getByLabel('Theme').selectOption('contrast')
    await here.getByLabel('Language').selectOption('zh-CN')
    await eventually(
      'theme',
      () => themeOf(there),
      (theme) => theme === 'contrast',
      10_000,
    )
    await there.getByText('工作负载').first().waitFor()
    await here.getByLabel('语言').selectOption('en')
    await there.getByText('Workloads').first().waitFor()
    await here.context().close()
    await there.context().close()
  })

  it('tabs of the dock and what is written in them are there in the next browser', async () => {
    const here = await visit(hosts[0]!)
    const at = (host: Gateway): string => `${new URL(host.url).origin}/#/c/drydock/k/pods`
    await here.goto(at(hosts[0]!))
    await here.locator('[role=row]', { hasText: 'web-' }).first().click()
    await here.keyboard.press('e')
    await here.locator('.dock .monaco-editor').first().click()
    await here.keyboard.press('Control+Home')
    await here.keyboard.type('# mine')
    await eventually('draft', kept, (all) => JSON.stringify(all).includes('# mine'), 10_000)
    const there = await visit(hosts[1]!)
    await there.goto(at(hosts[1]!))
    await there.locator('.dock [role=tab]').first().click()
    await there.getByText('# mine').first().waitFor()
    await here.context().close()
    await there.context().close()
  })
})
