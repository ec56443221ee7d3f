// Takes the pictures of the README anew: `node scripts/screenshots.mjs <link>` with the link that `drydock status` shows of a cluster
// with nodes. It applies docs/screenshots/shop.yaml through the app, waits until its pods run, and leaves them running.
// Start the cluster with DRYDOCK_PREFERENCES naming a file that is not there: tabs and settings of another day are in no picture.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { root } from './lib/shell.mjs'

const [link] = process.argv.slice(2)
if (!link) {
  console.error('usage: node scripts/screenshots.mjs <link of the app>')
  process.exit(1)
}
const folder = join(root, 'docs/screenshots')
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US' })
await context.grantPermissions(['clipboard-read', 'clipboard-write'])
const page = await context.newPage()
await page.goto(link)
await page.getByRole('heading', { name: 'Overview' }).waitFor()
const cluster = page.url().replace(/(#\/c\/[^/?]+).*/, '$1')
const go = (path) => page.goto(cluster + path)
const shot = (name) => page.screenshot({ path: join(folder, `${name}.png`) })
/** Charts need a few rounds of figures, milliseconds. */
const rounds = 35_000

await page.getByRole('button', { name: 'Apply YAML' }).click()
await page.locator('.apply .monaco-editor').last().click()
await page.evaluate((text) => navigator.clipboard.writeText(text), readFileSync(join(folder, 'shop.yaml'), 'utf8'))
await page.keyboard.press('Control+v')
await page.getByRole('button', { name: 'Apply', exact: true }).click()
await page.locator('.apply article').nth(8).waitFor()
await page.getByRole('button', { name: /^Close: apply/ }).click()
await page
  .getByRole('dialog')
  .getByRole('button', { name: 'Close' })
  .click({ timeout: 1000 })
  .catch((error) => {
    if (error.name !== 'TimeoutError') throw error
  })

await go('/k/pods?ns=shop')
const rows = page.locator('[role=grid] [role=rowgroup] [role=row]')
await rows.filter({ hasText: 'Running' }).nth(5).waitFor({ timeout: 180_000 })
await rows.filter({ hasText: 'web-' }).first().click()
await page.getByRole('button', { name: 'Shell' }).click()
await page.locator('.xterm').click()
await page.keyboard.type('hostname; wget -qO- http://web | head -3\n')
await page.waitForTimeout(rounds)
await shot('pods-and-shell')
await page.getByRole('button', { name: 'Show or hide the dock' }).click()
await go('/map?ns=shop')
await page.locator('.map a').nth(10).waitFor()
await shot('map')
await go('/trace?to=svc/shop/web')
await page.getByRole('button', { name: 'Send' }).click()
await page.locator('.end').getByText('Answered.').waitFor()
await shot('trace')
await go('/k/deployments.apps?ns=shop&sel=shop/web&tab=history')
await page.locator('.monaco-diff-editor').waitFor()
// The difference is folded a moment after it is drawn.
await page.waitForTimeout(1500)
await shot('history')
await go('')
await page.getByText('Everything is as it should be').waitFor({ timeout: 60_000 })
await shot('overview')
await browser.close()
