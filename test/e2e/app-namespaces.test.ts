/** Somebody who may edit one namespace and view another, in a real browser, without Docker. Set SHOTS to a folder to keep pictures. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dump, load } from 'js-yaml'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OwnUser } from '../helpers/own-user.ts'

const EXECUTABLE_PATH = '/usr/bin/chromium'
const user = new OwnUser('app-namespaces')
const { env } = user
const admin = join(user.folder('base'), 'kubeconfig')

async function kubectl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await user.kubectl('base', ...args)
  if (code !== 0) throw new Error(stderr)
  return stdout.trim()
}

/** The user's own kubeconfig: a context of a service account, whose home is the namespace `shop`. */
function writeContext(token: string): void {
  const { clusters } = load(readFileSync(admin, 'utf8')) as { clusters: Array<{ cluster: object }> }
  const config = {
    clusters: [{ name: 'c', cluster: clusters[0]!.cluster }],
    users: [{ name: 'jane', user: { token } }],
    contexts: [{ name: 'jane', context: { cluster: 'c', user: 'jane', namespace: 'shop' } }],
  }
  writeFileSync(env.KUBECONFIG, dump(config))
}

describe.skipIf(!existsSync(EXECUTABLE_PATH))('a cluster of which one may see some namespaces', () => {
  let browser: Browser
  let page: Page
  let origin: string

  beforeAll(async () => {
    writeFileSync(env.KUBECONFIG, '')
    const { code, stdout, stderr } = await user.drydock('base', 'up', '--nodes', '0', '--detach')
    if (code !== 0) throw new Error(stderr)
    for (const [namespace, role] of Object.entries({ shop: 'edit', blog: 'view', lab: undefined })) {
      await kubectl('create', 'namespace', namespace)
      await kubectl('-n', namespace, 'create', 'deployment', `web-of-${namespace}`, '--image', 'web')
      if (namespace === 'shop') await kubectl('-n', 'shop', 'create', 'serviceaccount', 'jane')
      const binding = ['create', 'rolebinding', 'jane', '--clusterrole', role ?? '', '--serviceaccount', 'shop:jane']
      if (role) await kubectl('-n', namespace, ...binding)
    }
    const link = new URL(/app\s+(http:\S+)/.exec(stdout)![1]!)
    origin = link.origin
    browser = await chromium.launch({ executablePath: EXECUTABLE_PATH, args: ['--no-sandbox'] })
    page = await (await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' })).newPage()
    await page.goto(link.href)
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await user.delete()
  })

  const shot = async (name: string): Promise<void> => {
    const shots = process.env['SHOTS']
    if (shots) await page.screenshot({ path: join(shots, `namespaces-${name}.png`) })
  }
  const open = (path: string): Promise<unknown> => page.goto(`${origin}/#/c/kubeconfig%3Ajane${path}`)
  const deployment = (namespace: string) => page.getByText(`web-of-${namespace}`, { exact: true }).first()

  it('appears when the kubeconfig comes to name it, and goes on by itself once its credentials hold', async () => {
    writeContext('nonsense')
    await page.getByRole('link', { name: /^jane/ }).click()
    await page
      .getByText(/the cluster does not take these credentials/)
      .first()
      .waitFor()
    await shot('expired')
    writeContext(await kubectl('-n', 'shop', 'create', 'token', 'jane'))
    await page.getByText('shop/web-of-shop').first().waitFor()
    // Each list asks again at its own pace, after ten seconds at most.
    const complaints = page.getByText(/does not take these credentials/)
    await expect.poll(() => complaints.count(), { timeout: 20_000 }).toBe(0)
  })

  it('shows the namespace of the context, and others as they are named', async () => {
    await open('/k/deployments.apps')
    await deployment('shop').waitFor()
    expect(await deployment('blog').count()).toBe(0)
    await page.getByRole('button', { name: 'All of yours' }).click()
    await page.getByRole('searchbox', { name: 'Find or name one' }).fill('blog')
    await page.keyboard.press('Enter')
    await deployment('blog').waitFor()
    await open('/k/deployments.apps')
    await deployment('shop').waitFor()
    expect(await deployment('lab').count()).toBe(0)
    await shot('both')
  })

  it('says what may not be read, of some namespaces and of the cluster', async () => {
    await open('/k/secrets')
    await page.getByText('You may not list Secrets in blog.').waitFor()
    await open('/k/nodes')
    await page.getByRole('heading', { name: 'You may not list Nodes in this cluster.' }).waitFor()
    await open('')
    await page.getByText('You may not list Nodes in this cluster.').waitFor()
    await shot('overview')
  })

  it('opens the one object that a role lets be got, by its name', async () => {
    await kubectl('-n', 'blog', 'create', 'secret', 'generic', 'login', '--from-literal=user=ann')
    await kubectl('-n', 'blog', 'create', 'role', 'one', '--verb=get', '--resource=secrets', '--resource-name=login')
    await kubectl('-n', 'blog', 'create', 'rolebinding', 'one', '--role=one', '--serviceaccount=shop:jane')
    await open('/k/secrets?ns=blog')
    await page.getByRole('heading', { name: 'You may not list Secrets in blog.' }).waitFor()
    await page.getByRole('combobox', { name: 'Name', exact: true }).fill('login')
    await page.keyboard.press('Enter')
    await page.getByText('Opaque').waitFor()
    await shot('by-name')
    await open('/k/secrets?ns=blog&sel=blog%2Fother')
    await page.getByText(/blog\/other cannot be read: secrets "other" is forbidden/).waitFor()
  })

  it('says before what may not be done, and lets do the rest', async () => {
    const scale = page.getByRole('button', { name: 'Scale' })
    await open('/k/deployments.apps?sel=blog%2Fweb-of-blog')
    const why = 'You may not do this here: it needs the right to patch deployments.apps in blog.'
    await page.getByTitle(why).first().waitFor()
    expect(await scale.getAttribute('title')).toBe(why)
    await scale.click({ force: true })
    await page.getByText(why, { exact: true }).waitFor()
    await shot('refused')
    await open('/k/deployments.apps?sel=shop%2Fweb-of-shop')
    await page.getByRole('button', { name: 'Scale', disabled: false }).click()
    await page.getByRole('spinbutton').fill('3')
    await page.keyboard.press('Enter')
    await expect.poll(() => kubectl('-n', 'shop', 'get', 'deploy', '-o', 'jsonpath={..spec.replicas}')).toBe('3')
  })
})
