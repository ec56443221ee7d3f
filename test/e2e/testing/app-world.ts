/** The app in a real browser, against the gateway and a small API server in memory. Set SHOTS to a folder to keep pictures. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser, type Locator, type Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll } from 'vitest'
import type { ClusterSource } from '../../../src-main/gateway/cluster-actions.ts'
import { startGateway, type Gateway } from '../../../src-main/gateway/index.ts'
import { startFakeApiServer, type FakeApiServer } from '../../../src-main/gateway/testing/fake-api-server.ts'
import { seed } from '../../../src-main/gateway/testing/seed.ts'

const root = join(import.meta.dirname, '../../..')
const EXECUTABLE_PATH = '/usr/bin/chromium'

/** Whether there is a browser to test with. */
export const hasBrowser = existsSync(EXECUTABLE_PATH)

/** What a test does with the app; `api` and `page` are there once the tests run. */
export interface AppWorld {
  readonly api: FakeApiServer
  readonly page: Page
  /** Errors of the page and of its console so far. */
  readonly complaints: string[]
  /** Opens a page of the cluster, `/k/pods?…`. */
  go(path: string): Promise<unknown>
  rows(): Locator
  row(name: string): Locator
  shot(name: string): Promise<void>
  /** Replaces what stands in the last editor of a part of the page. */
  replaceText(part: string, text: string): Promise<void>
}

/** Where the built renderer lies once {@link useApp} has made it. */
export const rendererDirectory = join(root, 'out/renderer')

/** Two clusters, both answered by one server. */
export const twoClusters = (api: () => FakeApiServer): ClusterSource => ({
  list: () => [
    { id: 'drydock', name: 'drydock', own: true, state: 'running' },
    { id: 'lab', name: 'lab', own: false, state: 'unknown' },
  ],
  connection: () => ({ server: api().url }),
  actions: () => undefined,
  subscribe: () => () => undefined,
})

/** Starts all of it before the tests of a file and ends it after them. */
export function useApp(): AppWorld {
  let api: FakeApiServer
  let gateway: Gateway
  let browser: Browser
  let page: Page
  const complaints: string[] = []
  const clusters = twoClusters(() => api)
  beforeAll(async () => {
    const configFile = join(root, 'vite.renderer.config.ts')
    await build({ configFile, root: join(root, 'src-renderer'), logLevel: 'error' })
    api = await startFakeApiServer()
    seed(api)
    gateway = await startGateway({ clusters, rendererDirectory, version: '0.1.0' })
    browser = await chromium.launch({ executablePath: EXECUTABLE_PATH, args: ['--no-sandbox'] })
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' })
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    page = await context.newPage()
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.goto(gateway.url)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await gateway?.stop()
    await api?.stop()
  })
  const rows = (): Locator => page.locator('[role=grid] [role=rowgroup] [role=row]')
  return {
    get api() {
      return api
    },
    get page() {
      return page
    },
    complaints,
    go: (path) => page.goto(`http://127.0.0.1:${gateway.port}/#/c/drydock${path}`),
    rows,
    row: (name) => rows().filter({ hasText: name }),
    async shot(name) {
      const folder = process.env['SHOTS']
      if (folder) await page.screenshot({ path: join(folder, `${name}.png`) })
    },
    async replaceText(part, text) {
      await page.locator(`${part} .monaco-editor`).last().click()
      await page.keyboard.press('Control+a')
      await page.keyboard.press('Delete')
      // Pasted, as people do: typed lines would be indented by the editor.
      await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`)
      if (text) await page.keyboard.press('Control+v')
    },
  }
}
