/** The app in a real browser, against the gateway and a small API server in memory. Set SHOTS to a folder to keep pictures. */
import { describe, expect, it } from 'vitest'
import { hasBrowser, useApp } from './testing/app-world.ts'

const world = useApp()
const { complaints, go, row, rows, shot } = world

describe.skipIf(!hasBrowser)('the app', () => {
  it('opens on the overview and names what needs attention', async () => {
    await world.page.getByRole('heading', { name: 'Needs attention' }).waitFor()
    await world.page.getByText('CrashLoopBackOff').first().waitFor()
    await world.page.getByText('NotReady').first().waitFor()
    await shot('overview-light')
    expect(complaints).toEqual([])
  })

  it('lists pods and shows a change within 300 ms', async () => {
    await world.page.keyboard.press('g')
    await world.page.keyboard.press('p')
    await row('report-x2x9f').waitFor()
    expect(await rows().count()).toBe(11)
    await shot('pods-light')
    const begun = performance.now()
    const changed = world.page.locator('[role=row]', { hasText: 'brand-new' }).waitFor()
    world.api.put('pods', {
      ...world.api.find('pods', 'report-x2x9f', 'default')!,
      metadata: { name: 'brand-new', namespace: 'default' },
    })
    await changed
    const took = performance.now() - begun
    console.log(`from a change to the screen: ${took.toFixed(0)} ms`)
    expect(took).toBeLessThan(300)
    world.api.remove('pods', 'brand-new', 'default')
    await row('brand-new').waitFor({ state: 'detached' })
  })

  it('uses one list and one watch a kind, however many views there are', async () => {
    await go('/k/nodes')
    await row('n1').waitFor()
    await go('')
    await world.page.getByRole('heading', { name: 'Needs attention' }).waitFor()
    await go('/k/pods')
    await row('report-x2x9f').waitFor()
    expect(Object.fromEntries(world.api.counts.list)).toMatchObject({ pods: 1, nodes: 1, events: 1 })
    expect(Object.fromEntries(world.api.counts.watch)).toMatchObject({ pods: 1, nodes: 1, events: 1 })
  })

  it('filters with /, moves with j, opens with Enter; the URL holds it all and restores it', async () => {
    await world.page.keyboard.press('/')
    await world.page.keyboard.type('catalog')
    await expect.poll(() => rows().count()).toBe(4)
    await world.page.locator('[role=grid]').focus()
    await world.page.keyboard.press('j')
    await world.page.keyboard.press('j')
    await world.page.keyboard.press('Enter')
    await world.page.getByRole('tab', { name: 'YAML' }).waitFor()
    await shot('detail-light')
    expect(world.page.url()).toContain('q=catalog')
    expect(world.page.url()).toContain('sel=')
    await world.page.reload()
    await world.page.getByRole('heading', { name: /^catalog-/ }).waitFor()
    expect(await rows().count()).toBe(4)
  })

  it('shows YAML and events of an object', async () => {
    await world.page.getByRole('tab', { name: 'YAML' }).click()
    await world.page.locator('.monaco-editor .view-line').first().waitFor()
    await world.page.getByText('apiVersion').first().waitFor()
    await shot('yaml-light')
    await go('/k/pods?sel=shop/mailer-7c9f6d8b4-bx0kq&tab=events')
    await world.page.getByText('Back-off restarting failed container').first().waitFor()
    expect(complaints).toEqual([])
  })

  it('follows logs of several containers', async () => {
    await go('/k/deployments.apps?sel=shop/catalog')
    await world.page.getByRole('button', { name: 'Logs' }).click()
    await world.page
      .getByText(/line 200/)
      .first()
      .waitFor()
    world.api.logLine('a fresh line')
    await world.page.getByText('a fresh line').first().waitFor()
    await shot('logs-light')
    expect(complaints).toEqual([])
  })

  it('types into a shell that survives navigation', async () => {
    await go('/k/pods?sel=default/web-7c9f6d8b4-bx0kq')
    await world.page.getByRole('button', { name: 'Shell' }).click()
    await world.page.locator('.xterm-rows').getByText('/ #').waitFor()
    await world.page.keyboard.type('echo 你好')
    await world.page.keyboard.press('Enter')
    await world.page.locator('.xterm-rows').getByText('you typed: echo').waitFor()
    await go('/k/services')
    await row('cart').waitFor()
    await world.page.locator('.xterm-rows').getByText('you typed: echo').waitFor()
    await shot('shell-light')
    // Its last row is seen whole: what is taller than its place is brought into view by moving the page.
    const [host, screen] = await Promise.all(
      ['.shell .host', '.xterm-screen'].map((part) => world.page.locator(part).first().boundingBox()),
    )
    expect(screen!.y + screen!.height).toBeLessThanOrEqual(host!.y + host!.height)
    expect(host!.y + host!.height).toBeLessThanOrEqual(await world.page.evaluate<number>('innerHeight'))
    expect(complaints).toEqual([])
  })

  it('deletes after naming what will go', async () => {
    await go('/k/secrets')
    await row('login').click({ button: 'right' })
    await world.page.getByRole('menuitem', { name: 'Delete' }).click()
    await world.page.getByRole('dialog').getByText('shop/login').waitFor()
    await shot('delete-light')
    await world.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await world.page.getByRole('heading', { name: 'No Secrets yet' }).waitFor()
    // Without rows there is nothing that has no room.
    expect(await world.page.getByRole('button', { name: 'Columns' }).textContent()).toBe('')
    await shot('empty-light')
    expect(complaints).toEqual([])
  })

  it('finds anything with Ctrl K, and shows its keys with ?', async () => {
    await world.page.keyboard.press('Control+k')
    await world.page.keyboard.type('depl')
    await world.page.getByRole('option').first().getByText('Deployments').waitFor()
    await shot('palette-light')
    await world.page.keyboard.press('Enter')
    await world.page.waitForURL(/deployments\.apps/)
    await world.page.locator('[role=grid]').focus()
    await world.page.keyboard.press('?')
    await world.page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor()
    await world.page.keyboard.press('Escape')
    expect(complaints).toEqual([])
  })

  it('keeps its data when the cluster goes away, says so, and catches up', async () => {
    await go('/k/nodes')
    await row('n1').waitFor()
    const lists = world.api.counts.list.get('nodes')!
    world.api.cut()
    world.api.put('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n4' } })
    await row('n4').waitFor()
    expect(world.api.counts.list.get('nodes')).toBeLessThanOrEqual(lists + 1)
  })

  it('is dark, in high contrast, and in Chinese', async () => {
    for (const [theme, language] of [
      ['dark', 'en'],
      ['contrast', 'en'],
      ['dark', 'zh-CN'],
      ['light', 'zh-CN'],
    ] as const) {
      await world.page.evaluate(
        ([t, l]) => (localStorage.setItem('drydock.theme', t!), localStorage.setItem('drydock.language', l!)),
        [theme, language],
      )
      await go('/k/pods?sel=shop/mailer-7c9f6d8b4-bx0kq')
      await world.page.reload()
      await row('mailer').waitFor()
      await world.page.getByRole('heading', { name: /^mailer-/ }).waitFor()
      await world.page.locator(`html[data-theme="${theme}"]`).waitFor()
      await shot(`pods-${theme}-${language}`)
    }
    await world.page.getByText('命名空间').first().waitFor()
  })

  it('breaks no rule of its content security policy and throws nothing', () => {
    expect(complaints).toEqual([])
  })
})
