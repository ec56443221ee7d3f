/** What hands do in the app: columns made wider, keys chosen anew, menus of whatever is named, a detail on the whole page. */
import { describe, expect, it } from 'vitest'
import { hasBrowser, useApp } from './testing/app-world.ts'

const world = useApp()
const { complaints, go, row, shot } = world
const POD = 'web-7c9f6d8b4-bx0kq'

describe.skipIf(!hasBrowser)('the app under the hand', () => {
  const head = (name: string) => world.page.getByRole('columnheader', { name, exact: true })
  const widthOf = async (name: string): Promise<number> => Math.round((await head(name).boundingBox())!.width)
  /** Takes the right edge of a column by so many pixels. */
  const drag = async (name: string, by: number): Promise<void> => {
    const box = (await head(name).boundingBox())!
    const [x, y] = [box.x + box.width + 6, box.y + box.height / 2]
    await world.page.mouse.move(x, y)
    await world.page.mouse.down()
    await world.page.mouse.move(x + by / 2, y)
    await world.page.mouse.move(x + by, y)
    await world.page.mouse.up()
  }

  it('columns are as wide as their edge is dragged, also after a reload, and fit what is in them by a double click', async () => {
    await go('/k/pods')
    await row(POD).waitFor()
    const before = await widthOf('Name')
    await drag('Name', 90)
    await expect.poll(() => widthOf('Name')).toBe(before + 90)
    expect(await head('Name').getAttribute('aria-sort')).toBe('ascending')
    await shot('resized-light')
    await world.page.reload()
    await row(POD).waitFor()
    expect(await widthOf('Name')).toBe(before + 90)
    await head('Name').locator('.edge').dblclick()
    await expect.poll(() => widthOf('Name')).toBeLessThan(before)
    const isCut = await row(POD)
      .getByText(POD)
      .evaluate((cell) => cell.scrollWidth > cell.clientWidth)
    expect(isCut).toBe(false)
  })

  it('columns go where they are put, and back', async () => {
    const heads = (): Promise<string[]> =>
      world.page.getByRole('columnheader').evaluateAll((all) => all.map((one) => one.textContent.trim()))
    await world.page.getByRole('button', { name: 'Columns' }).click()
    await world.page.getByRole('button', { name: 'Move Status to the left' }).click()
    await world.page.getByRole('button', { name: 'Move Status to the left' }).click()
    expect((await heads()).slice(2, 4)).toEqual(['Status', 'Namespace'])
    await world.page.getByRole('button', { name: 'Reset widths and order' }).click()
    expect((await heads()).slice(2, 5)).toEqual(['Namespace', 'Ready', 'Status'])
    await world.page.keyboard.press('Escape')
  })

  it('a popup gives the focus back on Escape, and closes when it is left by Tab', async () => {
    await go('/k/pods')
    await row(POD).waitFor()
    const namespaces = world.page.getByRole('button', { name: 'All namespaces' })
    const names = world.page.getByRole('group', { name: 'Namespace' })
    const hasFocus = () => namespaces.evaluate((button) => button.matches(':focus'))
    await namespaces.focus()
    await world.page.keyboard.press('Enter')
    await names.getByRole('checkbox').first().waitFor()
    await world.page.keyboard.press('Tab')
    expect(await hasFocus()).toBe(false)
    await world.page.keyboard.press('Escape')
    await expect.poll(hasFocus).toBe(true)
    await world.page.keyboard.press('Enter')
    await names.getByRole('checkbox').last().focus()
    await world.page.keyboard.press('Tab')
    await expect.poll(() => names.count()).toBe(0)
    expect(await world.page.getByRole('searchbox', { name: 'Filter' }).evaluate((box) => box.matches(':focus'))).toBe(
      true,
    )
  })

  it('a right click on whatever names an object, and the menu key, offer its actions', async () => {
    await go('/map?ns=shop')
    await world.page.locator('.map a').filter({ hasText: /^Pod/ }).first().click({ button: 'right' })
    await world.page.getByRole('menuitem', { name: 'Logs' }).waitFor()
    await world.page.keyboard.press('Escape')
    await go(`/k/pods?sel=default/${POD}`)
    const node = world.page.getByRole('complementary').getByRole('link', { name: 'n1', exact: true })
    await node.focus()
    await world.page.keyboard.press('.')
    await shot('link-menu-light')
    await world.page.getByRole('menuitem', { name: 'Details' }).click()
    await world.page.getByRole('heading', { name: 'n1' }).waitFor()
    expect(world.page.url()).toContain('/k/nodes?sel=n1')
  })

  it('a detail takes the whole page by a double click or by keys, and gives it back', async () => {
    await go('/k/pods')
    await row(POD).dblclick({ position: { x: 80, y: 10 } })
    const drawer = world.page.getByRole('complementary', { name: `Pod default/${POD}` })
    const width = async (): Promise<number> => (await drawer.boundingBox())!.width
    await expect.poll(width).toBeGreaterThan(900)
    await shot('wide-light')
    await drawer.getByRole('tab', { name: 'Overview' }).focus()
    await world.page.keyboard.press('Alt+ArrowRight')
    await expect.poll(width).toBeLessThan(600)
    await row(POD).waitFor()
  })

  it('keys of rows work from anywhere, and who leaves a menu or a detail is on the list again', async () => {
    await go('/k/services')
    await go('/k/pods')
    await row(POD).waitFor()
    const hasFocus = (): Promise<boolean> =>
      world.page.evaluate<boolean>('document.activeElement?.getAttribute("role") === "grid"')
    expect(await hasFocus()).toBe(false)
    await world.page.keyboard.press('j')
    await expect.poll(hasFocus).toBe(true)
    await world.page.keyboard.press('.')
    await world.page.getByRole('menuitem', { name: 'Details' }).waitFor()
    await world.page.keyboard.press('Escape')
    await expect.poll(hasFocus).toBe(true)
    await world.page.keyboard.press('Enter')
    await world.page.getByRole('tab', { name: 'Overview' }).focus()
    await world.page.keyboard.press('Escape')
    await expect.poll(hasFocus).toBe(true)
    await world.page.getByRole('searchbox', { name: 'Filter' }).fill('web')
    await world.page.keyboard.press('ArrowDown')
    await expect.poll(hasFocus).toBe(true)
    expect(await world.page.title()).toBe('Pods · drydock · Drydock')
  })

  it('what is selected moves nothing, and can be let go of', async () => {
    await go('/k/pods')
    await row(POD).waitFor()
    const topOf = async (): Promise<number> => (await row(POD).boundingBox())!.y
    const before = await topOf()
    await row(POD).getByRole('checkbox').click()
    const bar = world.page.getByRole('toolbar', { name: '1 selected' })
    await bar.waitFor()
    expect(await topOf()).toBe(before)
    await shot('marked-light')
    await bar.getByRole('button', { name: 'Select none' }).click()
    await expect.poll(() => bar.isVisible()).toBe(false)
  })

  it('tells where images are, and which a pod waits for in vain', async () => {
    await go('/images')
    const line = (image: string) => world.page.getByRole('row').filter({ hasText: image })
    await line('report:1.4.2').getByText('on no node, a pod waits for it').waitFor()
    expect(await line('catalog:1.4.2').getByText('on no node').count()).toBe(0)
    await shot('images-light')
    await line('catalog:1.4.2').getByRole('link').click()
    await row('catalog-').first().waitFor()
    expect(await world.rows().filter({ hasText: 'web-' }).count()).toBe(0)
  })

  it('files of manifests that are dropped on the window are opened to be applied, behind what is there', async () => {
    await go('/k/pods')
    await row(POD).waitFor()
    const drop = (event: string, name: string, text: string): Promise<unknown> =>
      world.page.evaluate(`{
        const dataTransfer = new DataTransfer()
        dataTransfer.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)}))
        document.body.dispatchEvent(new DragEvent('${event}', { dataTransfer, bubbles: true, cancelable: true }))
      }`)
    await drop('dragover', 'web.yaml', '')
    await world.page.getByText('Drop manifests to open them').waitFor()
    await shot('drop-light')
    await drop('drop', 'web.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\n')
    await world.page.getByText('1 document', { exact: true }).waitFor()
    await drop('drop', 'more.json', '{ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "two" } }')
    await world.page.getByText('2 documents', { exact: true }).waitFor()
    await drop('drop', 'notes.txt', 'buy milk')
    await world.page.getByRole('alert').filter({ hasText: 'notes.txt' }).waitFor()
    await shot('dropped-light')
    expect(await world.page.getByText('2 documents', { exact: true }).count()).toBe(1)
    await world.page.getByRole('alert').getByRole('button', { name: 'Close' }).click()
    await world.page.locator('.dock').getByRole('button', { name: 'Close: apply' }).click()
    await world.page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
    await expect.poll(() => world.page.locator('.dock').count()).toBe(0)
  })

  it('listens to a key that was chosen, and to the one before no more', async () => {
    await world.page.goto(world.page.url().replace(/#.*/, '#/settings'))
    await world.page.getByRole('button', { name: 'Change the key of Show or hide the kinds' }).click()
    await world.page.keyboard.press('Control+Shift+s')
    await shot('keys-light')
    await go('/k/pods')
    await row(POD).waitFor()
    const kinds = world.page.getByRole('navigation', { name: 'Kinds' })
    await world.page.keyboard.press('Control+b')
    expect(await kinds.isVisible()).toBe(true)
    await world.page.keyboard.press('Control+Shift+s')
    await expect.poll(() => kinds.isVisible()).toBe(false)
    expect(complaints).toEqual([])
  })

  it('a cluster without work of anybody offers the hello demo, tells how far it is, opens it and takes it away', async () => {
    for (const [name, namespace] of [
      ['web', 'default'],
      ['catalog', 'shop'],
      ['cart', 'shop'],
      ['mailer', 'shop'],
    ] as const)
      world.api.remove('deployments', name, namespace)
    await go('')
    await world.page.getByRole('button', { name: 'Run the hello demo' }).click()
    await world.page.getByText('Starting: 0 of 3 pods are ready.').waitFor()
    await shot('hello-light')
    // The page tells of the deployment while the service is still on its way.
    await expect.poll(() => world.api.find('services', 'hello', 'default')).toBeDefined()
    const opened = world.page.context().waitForEvent('page')
    const grow = (plural: string, fields: object): void => {
      const found = world.api.find(plural, 'hello', 'default')!
      world.api.put(plural, { ...found, ...fields, metadata: { ...found.metadata } })
    }
    grow('services', { spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30999 }] } })
    grow('deployments', { status: { readyReplicas: 3 } })
    await world.page.getByRole('link', { name: 'Open 127.0.0.1:30999' }).waitFor()
    await (await opened).close()
    await world.page.getByRole('button', { name: 'Delete the demo' }).click()
    await world.page.getByRole('button', { name: 'Run the hello demo' }).waitFor()
    expect(complaints).toEqual([])
  })
})
