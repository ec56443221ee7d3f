/** The kubectl console of the app: a real browser, a real kubectl, a control plane without nodes. Set SHOTS to a folder to keep pictures. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from '../helpers/cluster.ts'
import { kubectlOf } from '../helpers/command.ts'

const EXECUTABLE_PATH = '/usr/bin/chromium'

describe.skipIf(!existsSync(EXECUTABLE_PATH))('the kubectl console of the app', () => {
  const cluster = new TestCluster('app-kubectl')
  const complaints: string[] = []
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    process.env['DRYDOCK_KUBECTL'] = kubectlOf('1.36')
    process.env['DRYDOCK_PREFERENCES'] = join(cluster.data, 'preferences.json')
    const { stdout } = await cluster.drydock('up', '--nodes', '0', '--detach')
    browser = await chromium.launch({ executablePath: EXECUTABLE_PATH, args: ['--no-sandbox'] })
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-US' })
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    page = await context.newPage()
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.goto(/app\s+(http:\S+)/.exec(stdout)![1]!)
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
  })

  afterAll(async () => {
    delete process.env['DRYDOCK_KUBECTL']
    delete process.env['DRYDOCK_PREFERENCES']
    await browser?.close()
    await cluster.delete()
  })

  const screen = async (): Promise<string> =>
    (await page.locator('.console:visible .xterm-rows').innerText()).replaceAll('\u00a0', ' ').trimEnd()
  const shows = (form: RegExp) => expect.poll(screen, { timeout: 10_000 }).toMatch(form)
  const tab = (name: string | RegExp) => page.locator('.dock').getByRole('tab', { name })
  const paste = async (text: string): Promise<void> => {
    await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`)
    await page.keyboard.press('Control+v')
  }
  const shot = async (name: string): Promise<void> => {
    const folder = process.env['SHOTS']
    if (folder) await page.screenshot({ path: join(folder, `${name}.png`) })
  }

  it('runs commands, completes them by kubectl itself, and takes documents as they are pasted', async () => {
    await page.keyboard.press(':')
    await shows(/kubectl v1\.36\.\d+ on test-app-kubectl.*\ndefault \$$/s)
    await page.keyboard.type('create confi')
    await page.keyboard.press('Tab')
    await shows(/default \$ create configmap$/)
    await page.keyboard.type('kept --from-literal=a=b\n')
    await shows(/configmap\/kept created\ndefault \$$/)
    await paste(
      'cat <<EOF | kubectl apply -f -\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: pasted}\nEOF\nkubectl get cm -o name | grep paste',
    )
    await shows(/> kubectl get cm -o name \| grep paste$/)
    await page.keyboard.press('Enter')
    await shows(
      /configmap\/pasted created\ndefault \$ kubectl get cm -o name \| grep paste\nconfigmap\/pasted\ndefault \$$/,
    )
    await page.keyboard.type('get cm kep')
    await page.keyboard.press('Tab')
    await shows(/default \$ get cm kept$/)
    await page.keyboard.press('Control+u')
    await page.keyboard.type('apply -f -\n')
    await expect.poll(() => tab('kubectl: apply').count()).toBe(1)
    await paste('{apiVersion: v1, kind: ConfigMap, metadata: {name: typed}}\n')
    await page.keyboard.press('Control+d')
    await shows(/configmap\/typed created\ndefault \$$/)
    await page.keyboard.type('get nonsense\n')
    await shows(/error: the server doesn't have a resource type "nonsense"\nexit code 1\ndefault \$$/)
    await shot('kubectl-light')
    expect(complaints).toEqual([])
  })

  it('goes on over a reload, and asks before it ends what runs', async () => {
    await page.keyboard.type('get cm -w -o name\n')
    await shows(/configmap\/typed$/)
    await page.reload()
    await expect.poll(() => tab('kubectl: get cm -w -o name').count()).toBe(1)
    await shows(/configmap\/pasted created[^]*default \$ get cm -w -o name\n[^]*configmap\/typed$/)
    await cluster.k('create', 'configmap', 'later')
    await shows(/configmap\/later$/)
    await page.getByRole('button', { name: 'Close: kubectl' }).click()
    await page.getByRole('dialog').getByText('A command runs in kubectl. Close it and end the command?').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'End it' }).click()
    await shows(/\^C\ndefault \$$/)
    await page.keyboard.press('ArrowUp')
    await shows(/default \$ get cm -w -o name$/)
    await page.keyboard.press('Control+c')
    expect(complaints).toEqual([])
  })

  it('opens what the app has where kubectl wants a terminal, and says what it does not do', async () => {
    await page.keyboard.type('edit cm/kept\n')
    await tab('ConfigMap kept').waitFor()
    await page.locator('.edit .monaco-editor').getByText('kept').first().waitFor()
    await page.keyboard.press('Control+`')
    await tab('kubectl').click()
    await page.locator('.console .xterm').click()
    await shows(/default \$ edit cm\/kept\nOpened in an editor of the app\.\ndefault \$$/)
    await page.keyboard.type('get cm > file\n')
    await shows(/There is no shell here, so nothing can be redirected\. [^]*default \$$/)
    await page.emulateMedia({ colorScheme: 'dark' })
    const ground = `getComputedStyle(document.querySelector('.console .xterm-scrollable-element')).backgroundColor`
    await expect.poll(() => page.evaluate(ground)).toBe('rgb(20, 24, 31)')
    const editor = `getComputedStyle(document.querySelector('.edit .monaco-editor')).backgroundColor`
    await expect.poll(() => page.evaluate(editor)).toBe('rgb(20, 24, 31)')
    await shot('kubectl-dark')
    await page.getByRole('button', { name: 'Close: kubectl' }).click()
    await expect.poll(() => tab('kubectl').count()).toBe(0)
    expect(complaints).toEqual([])
  })
})
