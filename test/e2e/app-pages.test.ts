/** What surrounds the lists: the map, data of Secrets, port forwards, names in the editor, the palette. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
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

/** A helm that has one chart, and writes down what it is told to do. */
const fakeHelm = (said: string): string => `#!/bin/sh
case "$1 $2" in
  version*) echo v4.0.0 ;;
  'repo list') echo '[{"name":"bitnami","url":"https://charts.example"}]' ;;
  'repo remove') echo "$@" >> ${said}; echo forgotten ;;
  'search repo') echo '[{"name":"bitnami/nginx","version":"15.0.0","app_version":"1.25","description":"web"}]' ;;
  'show chart') printf 'name: nginx\\nversion: 15.0.0\\n' ;;
  'show values') echo 'replicas: 1' ;;
  'show readme') echo '# nginx' ;;
  install*) echo "$@" >> ${said}; echo installed ;;
esac
`

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
  world.api.put('pods', partial(pod))
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
    for (const [typed, found] of [
      ['configmap', 'Config Maps'],
      ['config maps', 'Config Maps'],
      ['persistentvol', 'Persistent Volume Claims'],
    ] as const) {
      await world.page.getByRole('combobox', { name: 'Command palette' }).fill(typed)
      await world.page.getByRole('option').first().getByText(found).waitFor()
    }
    await world.page.keyboard.press('Escape')
    expect(complaints).toEqual([])
  })

  it('finds objects of another cluster that was opened, and goes there', async () => {
    const { port } = new URL(world.page.url())
    await world.page.goto(`http://127.0.0.1:${port}/#/c/lab/k/services`)
    await row('cart').waitFor()
    await go('/k/pods')
    await row('web').first().waitFor()
    await world.page.keyboard.press('Control+k')
    await world.page.keyboard.type('cart')
    const lab = world.page.getByRole('group', { name: 'lab' })
    await lab.getByRole('option').filter({ hasText: 'Service' }).waitFor()
    await shot('elsewhere-light')
    await lab.getByRole('option').filter({ hasText: 'Service' }).click()
    await world.page.waitForURL(/c\/lab\/k\/services\?sel=shop\/cart/)
    await world.page.getByRole('heading', { name: 'cart', exact: true }).waitFor()
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
      })
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
    await world.page
      .getByRole('navigation')
      .getByRole('link', { name: /: 2 need attention$/ })
      .click()
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
    await world.page.getByRole('complementary').getByRole('button', { name: 'Revision 1' }).click()
    await world.page.getByText('replicaCount: 1').waitFor()
    await world.page.keyboard.press('Escape')
    const hasFocus = () => release.getByRole('button').evaluate((button) => button.matches(':focus'))
    await expect.poll(hasFocus).toBe(true)
    await world.page.keyboard.press('Enter')
    await world.page.getByText('replicaCount: 3').waitFor()
    await world.page.keyboard.press('Escape')
    await expect.poll(() => world.page.getByText('replicaCount: 3').count()).toBe(0)
    expect(await hasFocus()).toBe(true)
    put(3, 'failed', 4)
    await release.getByText('failed', { exact: true }).waitFor()
    expect(complaints).toEqual([])
  })

  it('installs a chart with helm, and forgets a repository after asking', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fake-helm-'))
    const [program, said] = [join(folder, 'helm'), join(folder, 'said')]
    await writeFile(program, fakeHelm(said), { mode: 0o755 })
    const before = process.env['DRYDOCK_HELM']
    process.env['DRYDOCK_HELM'] = program
    try {
      await world.page.goto(world.page.url().replace(/#.*/, '#/c/drydock'))
      await go('/helm')
      await world.page.getByRole('link', { name: 'Install chart' }).click()
      await world.page.getByText('Repositories (1)').click()
      await world.page.getByRole('button', { name: 'Remove bitnami' }).click()
      await dialog().getByRole('button', { name: 'Remove' }).click()
      await world.page.getByText('forgotten').waitFor()
      await world.page.getByRole('combobox', { name: 'Chart', exact: true }).fill('bitnami/nginx')
      await world.page.keyboard.press('Tab')
      await expect.poll(() => world.page.getByLabel('Release name').inputValue()).toBe('nginx')
      await world.page.getByText('replicas').first().waitFor()
      await world.page.getByLabel('Wait until everything is ready').check()
      await shot('helm-form-light')
      await button('Install').click()
      await world.page.getByText('nginx is installed.').waitFor()
      const asked = (await readFile(said, 'utf8')).trim().split('\n')
      expect(asked).toEqual([
        'repo remove bitnami',
        'install nginx bitnami/nginx --namespace=default --create-namespace --wait --timeout=300s',
      ])
    } finally {
      if (before === undefined) delete process.env['DRYDOCK_HELM']
      else process.env['DRYDOCK_HELM'] = before
      await rm(folder, { recursive: true, force: true })
    }
    expect(complaints).toEqual([])
  })

  it('goes back to a revision of a workload after showing what it had', async () => {
    const { uid } = world.api.find('deployments', 'cart', 'shop')!.metadata
    for (const [revision, image] of [
      ['1', 'cart:1.0.0'],
      ['2', 'cart:1.4.2'],
    ] as const)
      world.api.put('replicasets', {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: {
          name: `cart-${revision}`,
          namespace: 'shop',
          annotations: { 'deployment.kubernetes.io/revision': revision },
          ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart', uid, controller: true }],
        },
        spec: { template: { metadata: { labels: { app: 'cart' } }, spec: { containers: [{ name: 'cart', image }] } } },
      })
    await go('/k/deployments.apps?sel=shop/cart&tab=rollout')
    await world.page.getByRole('button', { name: /^Revision 1/ }).click()
    await world.page.locator('.monaco-diff-editor').getByText('1.0.0').first().waitFor()
    await world.page.getByRole('button', { name: 'Roll back to this one: Revision 1' }).click()
    await dialog().getByText('cart:1.4.2 → cart:1.0.0').waitFor()
    await dialog().getByRole('button', { name: 'Cancel' }).click()
    await go('')
    await world.page.getByRole('heading', { name: 'Recent changes' }).waitFor()
    await world.page.getByText('BackOff').first().waitFor()
    expect(complaints).toEqual([])
  })
})
