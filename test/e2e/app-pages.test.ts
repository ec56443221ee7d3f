/** What surrounds the lists: the map, data of Secrets, port forwards, names in the editor, the palette. */
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { hasBrowser, useApp } from './testing/app-world.ts'

/** A revision as Helm writes it: JSON, gzipped, twice base64. */
const helmContent = (replicaCount: number): string => {
  const content = {
    info: { description: 'Upgrade complete', notes: 'Log in at /wp-admin' },
    chart: { metadata: { name: 'wordpress', version: '23.1.0', appVersion: '6.6.2' } },
    config: { replicaCount },
    manifest: 'kind: Service',
  }
  return Buffer.from(gzipSync(JSON.stringify(content)).toString('base64')).toString('base64')
}

const world = useApp()
const { complaints, go, row, shot } = world
const dialog = () => world.page.getByRole('dialog')
const button = (name: string) => world.page.getByRole('button', { name, exact: true })

/** A pod that stands behind the service `cart` and uses what is and is not there. */
function addUser(): void {
  const pod = structuredClone(world.api.find('pods', 'cart-7c9f6d8b4-bx0kq', 'shop')!) as unknown as {
    metadata: Record<string, unknown>
    spec: Record<string, unknown>
  }
  pod.metadata = { name: 'user', namespace: 'shop', labels: { app: 'cart' } }
  pod.spec = {
    ...pod.spec,
    containers: [
      {
        name: 'main',
        image: 'user:1',
        ports: [{ name: 'http', containerPort: 8080 }],
        envFrom: [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'absent' } }],
      },
    ],
  }
  world.api.put('pods', pod as never)
}

describe.skipIf(!hasBrowser)('pages around the lists of the app', () => {
  it('draws what a pod stands behind and uses, and what is missing', async () => {
    addUser()
    await go('/k/pods?sel=shop/user&tab=map')
    const node = (name: string) => world.page.locator('.map a').filter({ hasText: name })
    await node('Service').waitFor()
    await node('absent').getByText('missing').waitFor()
    await shot('map-detail-light')
    await node('settings').click()
    await world.page.getByRole('heading', { name: 'settings', exact: true }).waitFor()
    await node('user').waitFor()
    await world.page.locator('.drawer').getByRole('tab', { name: 'Map' }).focus()
    for (const key of ['g', 't']) await world.page.keyboard.press(key)
    await world.page.getByRole('heading', { name: 'Map', exact: true }).waitFor()
    await node('cart').first().waitFor()
    await shot('map-light')
    expect(complaints).toEqual([])
  })

  it('keeps Secrets covered until asked, and writes only the key that changed', async () => {
    await go('/k/secrets?sel=shop/login')
    await world.page.getByText('••••••••').waitFor()
    await button('Show: user').click()
    await world.page.locator('pre').getByText('admin').waitFor()
    await shot('secret-light')
    await button('Data').click()
    await dialog().getByRole('button', { name: 'Add' }).click()
    await dialog().getByLabel('Key').last().fill('password')
    await dialog().getByLabel('Value password').fill('two\nlines')
    await shot('pairs-light')
    await world.page.keyboard.press('Escape')
    await dialog().getByText('Press Escape again').waitFor()
    await dialog().getByLabel('Value password').fill('two\nlines!')
    await dialog().getByText('Press Escape again').waitFor({ state: 'detached' })
    await dialog().getByLabel('Value password').fill('two\nlines')
    await dialog().getByRole('button', { name: 'Save' }).click()
    await expect
      .poll(() => world.api.find('secrets', 'login', 'shop'))
      .toMatchObject({ data: { user: 'YWRtaW4=', password: 'dHdvCmxpbmVz' } })
    expect(complaints).toEqual([])
  })

  it('lists port forwards, stops them, remembers them and starts them again', async () => {
    await go('/forwards')
    await world.page.getByText('No port is forwarded yet').waitFor()
    await world.page.getByRole('combobox', { name: 'Service' }).selectOption({ index: 1 })
    await button('Forward').click()
    const first = world.page.getByRole('row').filter({ hasText: 'open' })
    await first.getByRole('link').waitFor()
    await shot('forwards-light')
    const address = await first.getByRole('link').textContent()
    await button('Stop').click()
    await world.page.getByRole('row').filter({ hasText: 'stopped' }).waitFor()
    await world.page.reload()
    await button('Start').click()
    await world.page.getByRole('link', { name: address! }).first().waitFor()
    await button('Stop').click()
    await button('Forget').click()
    await world.page.getByText('No port is forwarded yet').waitFor()
    expect(complaints).toEqual([])
  })

  it('offers names of the cluster in the editor', async () => {
    await go('/k/pods')
    await button('Apply YAML').click()
    await world.page.locator('.apply .view-line').first().waitFor()
    const text =
      'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: shop\nspec:\n  volumes:\n    - name: x\n      configMap:\n        name: '
    await world.replaceText('.apply', text)
    await world.page.keyboard.press('Control+Space')
    await world.page.locator('.suggest-widget').getByText('settings').waitFor()
    await shot('names-light')
    await world.page.keyboard.press('Enter')
    await world.page.locator('.apply .view-line').filter({ hasText: 'name: settings' }).waitFor()
    expect(complaints).toEqual([])
  })

  it('finds objects that no page has shown, acts on the open one and remembers where one went', async () => {
    await go('/k/services?sel=shop/cart')
    await row('cart').waitFor()
    await world.page.keyboard.press('Control+k')
    await world.page.getByRole('option').filter({ hasText: 'Forward port: cart' }).waitFor()
    await world.page.keyboard.type('settings')
    await world.page.getByRole('option').filter({ hasText: 'ConfigMap' }).click()
    await world.page.getByRole('heading', { name: 'settings', exact: true }).waitFor()
    await world.page.keyboard.press('Control+k')
    await world.page.getByRole('option').filter({ hasText: 'recent' }).filter({ hasText: 'shop/settings' }).waitFor()
    await shot('palette-light')
    await world.page.keyboard.press('Escape')
    expect(complaints).toEqual([])
  })

  it('draws what a pod uses against what it asked for, and only then has columns for it', async () => {
    await go('/k/pods?sel=shop/user')
    await row('user').waitFor()
    expect(await world.page.getByRole('columnheader', { name: 'Memory' }).count()).toBe(0)
    const containers = [{ name: 'main', usage: { cpu: '120m', memory: '48Mi' } }]
    world.api.answer('/apis/metrics.k8s.io/v1beta1/pods', {
      items: [{ metadata: { name: 'user', namespace: 'shop' }, containers }],
    })
    await world.page.reload()
    await world.page.getByRole('img', { name: 'CPU: 120m now' }).waitFor()
    await world.page.getByRole('img', { name: 'Memory: 48 MiB now' }).waitFor()
    await shot('usage-light')
    await go('/k/pods')
    await row('user').getByText('48 MiB').waitFor()
    expect(complaints).toEqual([])
  })

  it('gathers events that say the same', async () => {
    for (const name of ['cart-a', 'cart-b', 'cart-c'])
      world.api.put('events', {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: `${name}.1`, namespace: 'shop' },
        type: 'Warning',
        reason: 'Unhealthy',
        message: 'Readiness probe failed',
        count: 2,
        lastTimestamp: new Date().toISOString(),
        involvedObject: { kind: 'Pod', namespace: 'shop', name },
      } as never)
    await go('/k/events')
    await row('Pod/cart-b').waitFor()
    await button('Group alike').click()
    await row('Pod/cart-*').getByText('6', { exact: true }).waitFor()
    expect(await row('Pod/cart-b').count()).toBe(0)
    await shot('events-light')
    expect(complaints).toEqual([])
  })

  it('has the name of a namespace typed before it is deleted', async () => {
    await go('/k/namespaces?sel=shop')
    await button('Delete').first().click()
    const confirm = dialog().getByRole('button', { name: 'Delete' })
    expect(await confirm.isDisabled()).toBe(true)
    await dialog().getByRole('textbox').fill('shop')
    await confirm.click()
    await row('shop').waitFor({ state: 'detached' })
    expect(complaints).toEqual([])
  })

  it('goes from a number on the overview, or beside a kind, to the objects that it counts', async () => {
    await go('')
    await world.page.locator('.tile').filter({ hasText: 'Pods' }).getByRole('link', { name: 'failed' }).click()
    await expect.poll(() => world.rows().count()).toBe(2)
    expect(new URL(world.page.url()).hash).toContain('q=is:failed')
    await go('/map')
    await world.page.getByRole('navigation').getByRole('link', { name: /^▲ 2/ }).click()
    await expect.poll(() => world.rows().count()).toBe(2)
  })

  it('leaves a narrow window to the page, and shows the kinds when asked to', async () => {
    await world.page.setViewportSize({ width: 900, height: 700 })
    await go('/k/pods?sel=default/web-7c9f6d8b4-bx0kq')
    const kinds = world.page.getByRole('navigation', { name: 'Kinds' })
    await world.page.locator('[role=grid]').waitFor()
    expect(await kinds.isVisible()).toBe(false)
    await shot('narrow-detail-light')
    await world.page.locator('[role=grid]').focus()
    await world.page.keyboard.press('Control+b')
    await kinds.waitFor()
    await world.page.getByRole('button', { name: 'Show or hide the kinds' }).click()
    expect(await kinds.isVisible()).toBe(false)
    await world.page.setViewportSize({ width: 1280, height: 800 })
    await kinds.waitFor()
  })

  it("shows Helm's releases with their revisions, values and notes", async () => {
    const put = (version: number, status: string, replicas: number) =>
      world.api.put('secrets', {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
          name: `sh.helm.release.v1.blog.v${version}`,
          namespace: 'shop',
          labels: { owner: 'helm', name: 'blog', status, version: String(version), modifiedAt: '1760000000' },
        },
        type: 'helm.sh/release.v1',
        data: { release: helmContent(replicas) },
      })
    put(1, 'superseded', 1)
    put(2, 'deployed', 3)
    await go('/helm')
    const release = world.page.getByRole('row').filter({ hasText: 'blog' })
    await release.getByText('wordpress').waitFor()
    await release.getByRole('button').click()
    await world.page.getByText('replicaCount: 3').waitFor()
    await shot('helm-light')
    await world.page.getByRole('complementary').getByRole('button', { name: '1', exact: true }).click()
    await world.page.getByText('replicaCount: 1').waitFor()
    put(3, 'failed', 4)
    await release.getByText('failed', { exact: true }).waitFor()
    expect(complaints).toEqual([])
  })
})
