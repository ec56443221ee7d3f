/** The app in a real browser, against the gateway and a small API server in memory. Set SHOTS to a folder to keep pictures. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClusterSource } from '../../src-main/gateway/cluster-actions.ts'
import { startGateway, type Gateway } from '../../src-main/gateway/index.ts'
import {
  ownerAnnotation,
  startFakeApiServer,
  type FakeApiServer,
} from '../../src-main/gateway/testing/fake-api-server.ts'
import { seed } from '../../src-main/gateway/testing/seed.ts'

const root = join(import.meta.dirname, '../..')
const executablePath = '/usr/bin/chromium'
let api: FakeApiServer
let gateway: Gateway
let browser: Browser
let page: Page
const complaints: string[] = []

const clusters: ClusterSource = {
  list: () => [
    { id: 'drydock', name: 'drydock', own: true, state: 'running' },
    { id: 'lab', name: 'lab', own: false, state: 'unknown' },
  ],
  connection: () => ({ server: api.url }),
  actions: () => undefined,
  subscribe: () => () => undefined,
}

beforeAll(async () => {
  await build({
    configFile: join(root, 'vite.renderer.config.ts'),
    root: join(root, 'src-renderer'),
    logLevel: 'error',
  })
  api = await startFakeApiServer()
  seed(api)
  gateway = await startGateway({ clusters, rendererDirectory: join(root, 'out/renderer'), version: '0.1.0' })
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
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

async function shot(name: string): Promise<void> {
  const folder = process.env['SHOTS']
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`) })
}

const go = (path: string) => page.goto(`http://127.0.0.1:${gateway.port}/#/c/drydock${path}`)
const rows = () => page.locator('[role=grid] [role=rowgroup] [role=row]')
const row = (name: string) => rows().filter({ hasText: name })

/** Replaces what stands in the last editor of a part of the page. */
async function replaceText(part: string, text: string): Promise<void> {
  await page.locator(`${part} .monaco-editor`).last().click()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Delete')
  // Pasted, as people do: typed lines would be indented by the editor.
  await page.evaluate((pasted) => navigator.clipboard.writeText(pasted), text)
  if (text) await page.keyboard.press('Control+v')
}

describe.skipIf(!existsSync(executablePath))('the app', () => {
  it('opens on the overview and names what needs attention', async () => {
    await page.getByRole('heading', { name: 'Needs attention' }).waitFor()
    await page.getByText('CrashLoopBackOff').first().waitFor()
    await page.getByText('NotReady').first().waitFor()
    await shot('overview-light')
    expect(complaints).toEqual([])
  })

  it('lists pods and shows a change within 300 ms', async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('p')
    await row('report-x2x9f').waitFor()
    expect(await rows().count()).toBe(11)
    await shot('pods-light')
    const begun = performance.now()
    const changed = page.locator('[role=row]', { hasText: 'brand-new' }).waitFor()
    api.put('pods', {
      ...api.find('pods', 'report-x2x9f', 'default')!,
      metadata: { name: 'brand-new', namespace: 'default' },
    })
    await changed
    expect(performance.now() - begun).toBeLessThan(300)
    api.remove('pods', 'brand-new', 'default')
    await row('brand-new').waitFor({ state: 'detached' })
  })

  it('uses one list and one watch a kind, however many views there are', async () => {
    await go('/k/nodes')
    await row('n1').waitFor()
    await go('')
    await page.getByRole('heading', { name: 'Needs attention' }).waitFor()
    await go('/k/pods')
    await row('report-x2x9f').waitFor()
    expect(Object.fromEntries(api.counts.list)).toMatchObject({ pods: 1, nodes: 1, events: 1 })
    expect(Object.fromEntries(api.counts.watch)).toMatchObject({ pods: 1, nodes: 1, events: 1 })
  })

  it('filters with /, moves with j, opens with Enter; the URL holds it all and restores it', async () => {
    await page.keyboard.press('/')
    await page.keyboard.type('catalog')
    await expect.poll(() => rows().count()).toBe(4)
    await page.locator('[role=grid]').focus()
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.getByRole('tab', { name: 'YAML' }).waitFor()
    await shot('detail-light')
    expect(page.url()).toContain('q=catalog')
    expect(page.url()).toContain('sel=')
    await page.reload()
    await page.getByRole('heading', { name: /^catalog-/ }).waitFor()
    expect(await rows().count()).toBe(4)
  })

  it('shows YAML and events of an object', async () => {
    await page.getByRole('tab', { name: 'YAML' }).click()
    await page.locator('.monaco-editor .view-line').first().waitFor()
    await page.getByText('apiVersion').first().waitFor()
    await shot('yaml-light')
    await go('/k/pods?sel=shop/mailer-7c9f6d8b4-bx0kq&tab=events')
    await page.getByText('Back-off restarting failed container').first().waitFor()
    expect(complaints).toEqual([])
  })

  it('follows logs of several containers', async () => {
    await go('/k/deployments.apps?sel=shop/catalog')
    await page.getByRole('button', { name: 'Logs' }).click()
    await page
      .getByText(/line 200/)
      .first()
      .waitFor()
    api.logLine('a fresh line')
    await page.getByText('a fresh line').first().waitFor()
    await page.getByRole('searchbox', { name: 'Search' }).fill('fresh')
    await page.getByText('8 lines').waitFor()
    await page.getByRole('searchbox', { name: 'Search' }).fill('')
    await shot('logs-light')
    expect(complaints).toEqual([])
  })

  it('types into a shell that survives navigation', async () => {
    await go('/k/pods?sel=default/web-7c9f6d8b4-bx0kq')
    await page.getByRole('button', { name: 'Shell' }).click()
    await page.locator('.xterm-rows').getByText('/ #').waitFor()
    await page.keyboard.type('echo 你好')
    await page.keyboard.press('Enter')
    await page.locator('.xterm-rows').getByText('you typed: echo').waitFor()
    await go('/k/services')
    await row('cart').waitFor()
    await page.locator('.xterm-rows').getByText('you typed: echo').waitFor()
    await shot('shell-light')
    expect(complaints).toEqual([])
  })

  it('applies pasted documents, each with the words of the server', async () => {
    await go('/k/configmaps')
    await page.getByRole('button', { name: 'Apply YAML' }).click()
    await page.locator('.left .monaco-editor').last().waitFor()
    const text =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: pasted}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: bad}\nspec: {foo: 1}\n---\napiVersion: v9\nkind: Nonsense\nmetadata: {name: x}\n'
    await page.locator('.left .monaco-editor').last().click()
    await page.keyboard.insertText(text)
    await page.getByText('3 documents').waitFor()
    await page.getByRole('button', { name: 'Apply', exact: true }).click()
    await page.getByText('unknown field "spec.foo"').waitFor()
    await page.getByText('no matches for kind "Nonsense" in version "v9"').waitFor()
    await page.getByText('Nothing is stored: 2 of the documents would fail').waitFor()
    expect(api.find('configmaps', 'pasted', 'default')).toBeUndefined()
    await shot('apply-light')
    await page.getByRole('button', { name: 'Apply the other 1' }).click()
    await row('pasted').waitFor()
    expect(complaints).toEqual([])
  })

  it("asks before an apply takes another's field", async () => {
    api.put('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'owned', namespace: 'default', annotations: { [ownerAnnotation]: 'helm' } },
      data: { level: 'debug' },
    })
    await replaceText('.left', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: owned}\ndata: {level: info}\n')
    await page.getByRole('button', { name: 'Apply', exact: true }).click()
    await page.getByRole('cell', { name: 'helm' }).waitFor()
    await page.getByRole('cell', { name: '"debug"' }).waitFor()
    await shot('apply-conflict-light')
    expect(api.find('configmaps', 'owned', 'default')).toMatchObject({ data: { level: 'debug' } })
    await page.getByLabel('Take these fields over').check()
    await page.getByRole('button', { name: 'Apply', exact: true }).click()
    await page.getByText('configured').waitFor()
    expect(api.find('configmaps', 'owned', 'default')).toMatchObject({ data: { level: 'info' } })
  })

  it('checks a text while it is written, and completes it', async () => {
    const head = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n'
    await replaceText('.left', `${head}  replicas: "2"\n  selektor: {}\n  template: {}\n`)
    await page.getByText('spec.replicas must be integer, not string').first().waitFor()
    await page.getByText('Unknown field spec.selektor. Did you mean selector?').first().waitFor()
    await page.getByText('Required field spec.selector is missing').first().waitFor()
    expect(await page.locator('.left .problem-glyph').count()).toBeGreaterThan(1)
    await shot('editor-problems-light')
    await page.getByRole('button', { name: /6:3 Unknown field/ }).click()
    await replaceText('.left', `${head}  `)
    await page.keyboard.press('Control+Space')
    await page.locator('.suggest-widget').getByText('replicas').waitFor()
    await shot('editor-completion-light')
    await page.keyboard.type('pau')
    await page.keyboard.press('Enter')
    await page.locator('.suggest-widget').getByText('true').waitFor()
    await page.keyboard.press('Enter')
    await expect
      .poll(() => page.locator('.left .view-lines').first().innerText())
      .toMatch(/paused:\s*true|paused:\s*false/)
    await replaceText('.left', 'a: [1\nb: 2\n')
    await page
      .getByText(/^YAML: /)
      .first()
      .waitFor()
    await replaceText('.left', '')
    expect(complaints).toEqual([])
  })

  it("never overwrites another's change unseen", async () => {
    await go('/k/configmaps?sel=shop/settings')
    await page.getByRole('button', { name: 'Edit' }).click()
    const editor = page.locator('.edit .monaco-editor').first()
    await editor.getByText('greeting').waitFor()
    const theirs = api.find('configmaps', 'settings', 'shop')!
    api.put('configmaps', {
      ...theirs,
      data: { greeting: 'theirs' },
      metadata: { name: 'settings', namespace: 'shop' },
    })
    await editor.click()
    await page.keyboard.press('Control+End')
    await page.keyboard.insertText('# mine\nimmutable: false\n')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Someone changed it meanwhile').waitFor()
    await page.getByRole('cell', { name: '.data.greeting' }).waitFor()
    await shot('conflict-light')
    await page.getByRole('button', { name: 'Compare' }).click()
    await page.locator('.edit .diff .view-line').first().waitFor()
    await shot('conflict-compare-light')
    await page.getByRole('button', { name: 'Merge into my text' }).click()
    await page.locator('.edit [role=status]').getByText('Both changes are in the text').waitFor()
    expect(api.find('configmaps', 'settings', 'shop')).not.toHaveProperty('immutable')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.locator('.edit [role=status]').getByText('Saved').waitFor()
    expect(api.find('configmaps', 'settings', 'shop')).toMatchObject({ immutable: false, data: { greeting: 'theirs' } })
  })

  it('deletes after naming what will go', async () => {
    await go('/k/secrets')
    await row('login').click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByText('shop/login').waitFor()
    await shot('delete-light')
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('heading', { name: 'No Secret yet' }).waitFor()
    await shot('empty-light')
    expect(complaints).toEqual([])
  })

  it('finds anything with Ctrl K, and shows its keys with ?', async () => {
    await page.keyboard.press('Control+k')
    await page.keyboard.type('depl')
    await page.getByRole('option').first().getByText('Deployment').waitFor()
    await shot('palette-light')
    await page.keyboard.press('Enter')
    await page.waitForURL(/deployments\.apps/)
    await page.locator('[role=grid]').focus()
    await page.keyboard.press('?')
    await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor()
    await page.keyboard.press('Escape')
    expect(complaints).toEqual([])
  })

  it('keeps its data when the cluster goes away, says so, and catches up', async () => {
    await go('/k/nodes')
    await row('n1').waitFor()
    api.cut()
    api.put('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n4' } })
    await row('n4').waitFor()
    expect(api.counts.list.get('nodes')).toBeLessThanOrEqual(2)
  })

  it('is dark, in high contrast, and in Chinese', async () => {
    for (const [theme, language] of [
      ['dark', 'en'],
      ['contrast', 'en'],
      ['dark', 'zh-CN'],
      ['light', 'zh-CN'],
    ] as const) {
      await page.evaluate(
        ([t, l]) => (localStorage.setItem('drydock.theme', t!), localStorage.setItem('drydock.language', l!)),
        [theme, language],
      )
      await go('/k/pods?sel=shop/mailer-7c9f6d8b4-bx0kq')
      await page.reload()
      await row('mailer').waitFor()
      await page.getByRole('heading', { name: /^mailer-/ }).waitFor()
      await page.locator(`html[data-theme="${theme}"]`).waitFor()
      await shot(`pods-${theme}-${language}`)
    }
    await page.getByText('命名空间').first().waitFor()
  })

  it('breaks no rule of its content security policy and throws nothing', () => {
    expect(complaints).toEqual([])
  })
})
