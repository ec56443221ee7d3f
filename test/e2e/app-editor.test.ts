/** Editing and applying in the app. Set SHOTS to a folder to keep pictures. */
import { describe, expect, it } from 'vitest'
import { OWNER_ANNOTATION } from '../../src-main/gateway/testing/fake-api-server.ts'
import { hasBrowser, useApp } from './testing/app-world.ts'

const world = useApp()
const { complaints, go, row, shot, replaceText } = world

describe.skipIf(!hasBrowser)('the editors of the app', () => {
  it('applies pasted documents, each with the words of the server', async () => {
    await go('/k/configmaps')
    await world.page.getByRole('button', { name: 'Apply YAML' }).click()
    await world.page.locator('.left .monaco-editor').last().waitFor()
    const text =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: pasted}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: bad}\nspec: {foo: 1}\n---\napiVersion: v9\nkind: Nonsense\nmetadata: {name: x}\n'
    await world.page.locator('.left .monaco-editor').last().click()
    await world.page.keyboard.insertText(text)
    await world.page.getByText('3 documents').waitFor()
    await world.page.getByRole('button', { name: 'Apply', exact: true }).click()
    await world.page.getByText('unknown field "spec.foo"').waitFor()
    await world.page.getByText('no matches for kind "Nonsense" in version "v9"').waitFor()
    await world.page.getByText('Nothing is stored: 2 of the documents would fail').waitFor()
    expect(world.api.find('configmaps', 'pasted', 'default')).toBeUndefined()
    await shot('apply-light')
    await world.page.getByRole('button', { name: 'Apply the other one' }).click()
    await row('pasted').waitFor()
    expect(complaints).toEqual([])
  })

  it("asks before an apply takes another's field", async () => {
    world.api.put('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'owned', namespace: 'default', annotations: { [OWNER_ANNOTATION]: 'helm' } },
      data: { level: 'debug' },
    })
    await replaceText('.left', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: owned}\ndata: {level: info}\n')
    await world.page.getByRole('button', { name: 'Apply', exact: true }).click()
    await world.page.getByRole('cell', { name: 'helm' }).waitFor()
    await world.page.getByRole('cell', { name: '"debug"' }).waitFor()
    await shot('apply-conflict-light')
    expect(world.api.find('configmaps', 'owned', 'default')).toMatchObject({ data: { level: 'debug' } })
    await world.page.getByLabel('Take these fields over').check()
    await world.page.getByRole('button', { name: 'Apply', exact: true }).click()
    await world.page.getByText('configured').waitFor()
    expect(world.api.find('configmaps', 'owned', 'default')).toMatchObject({ data: { level: 'info' } })
  })

  it('checks a text while it is written, and completes it', async () => {
    const head = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n'
    await replaceText('.left', `${head}  replicas: "2"\n  selektor: {}\n  template: {}\n`)
    await world.page.getByText('spec.replicas must be integer, not string').first().waitFor()
    await world.page.getByText('Unknown field spec.selektor. Did you mean selector?').first().waitFor()
    await world.page.getByText('Required field spec.selector is missing').first().waitFor()
    expect(await world.page.locator('.left .problem-glyph').count()).toBeGreaterThan(1)
    await shot('editor-problems-light')
    await world.page.getByRole('button', { name: /6:3 Unknown field/ }).click()
    await replaceText('.left', `${head}  `)
    await world.page.keyboard.press('Control+Space')
    await world.page.locator('.suggest-widget').getByText('replicas').waitFor()
    await shot('editor-completion-light')
    await world.page.keyboard.type('pau')
    await world.page.keyboard.press('Enter')
    await world.page.locator('.suggest-widget').getByText('true').waitFor()
    await world.page.keyboard.press('Enter')
    await expect
      .poll(() => world.page.locator('.left .view-lines').first().innerText())
      .toMatch(/paused:\s*true|paused:\s*false/)
    await replaceText('.left', 'a: [1\nb: 2\n')
    await world.page
      .getByText(/^YAML: /)
      .first()
      .waitFor()
    await replaceText('.left', '')
    expect(complaints).toEqual([])
  })

  it("never overwrites another's change unseen", async () => {
    await go('/k/configmaps?sel=shop/settings')
    await world.page.getByRole('button', { name: 'Edit' }).click()
    const editor = world.page.locator('.edit .monaco-editor').first()
    await editor.getByText('greeting').waitFor()
    const theirs = world.api.find('configmaps', 'settings', 'shop')!
    world.api.put('configmaps', {
      ...theirs,
      data: { greeting: 'theirs' },
      metadata: { name: 'settings', namespace: 'shop' },
    })
    await editor.click()
    await world.page.keyboard.press('Control+End')
    await world.page.keyboard.insertText('# mine\nimmutable: false\n')
    await world.page.getByRole('button', { name: 'Save', exact: true }).click()
    await world.page.getByText('Someone changed it meanwhile').waitFor()
    await world.page.getByRole('cell', { name: '.data.greeting' }).waitFor()
    await shot('conflict-light')
    await world.page.getByRole('button', { name: 'Compare' }).click()
    await world.page.locator('.edit .diff .view-line').first().waitFor()
    await shot('conflict-compare-light')
    await world.page.getByRole('button', { name: 'Merge into my text' }).click()
    await world.page.locator('.edit [role=status]').getByText('Both changes are in the text').waitFor()
    expect(world.api.find('configmaps', 'settings', 'shop')).not.toHaveProperty('immutable')
    await world.page.getByRole('button', { name: 'Save', exact: true }).click()
    await world.page.locator('.edit [role=status]').getByText('Saved').waitFor()
    expect(world.api.find('configmaps', 'settings', 'shop')).toMatchObject({
      immutable: false,
      data: { greeting: 'theirs' },
    })
  })

  it('compares a text that changes while it is compared', async () => {
    // The worker that compares answers late, as it does on a busy machine, and says what it does.
    const late = `const post = self.postMessage.bind(self)
      const answerLate = (answer) => {
        console.log('comparing')
        setTimeout(() => { post(answer); console.log('compared') }, 600)
      }
      self.postMessage = (answer) => (answer.res?.changes ? answerLate(answer) : post(answer))`
    const said = async (word: string): Promise<unknown> =>
      world.page.waitForEvent('console', (message) => message.text() === word)
    await world.page.route(/monaco-worker.*\.js/, async (route) => {
      const answer = await route.fetch()
      await route.fulfill({ response: answer, body: `${late}\n${await answer.text()}` })
    })
    await world.page.reload()
    await go('/k/configmaps?sel=shop/settings')
    await world.page.getByRole('button', { name: 'Edit' }).click()
    const editor = world.page.locator('.edit .monaco-editor').first()
    await editor.getByText('greeting').waitFor()
    const write = async (text: string): Promise<void> => {
      await editor.click()
      await world.page.keyboard.press('Control+a')
      await world.page.keyboard.insertText(text)
    }
    const inserted = world.page.locator('.edit .diff .modified .line-insert').first()
    await write('kind: Short\n')
    await world.page.getByRole('button', { name: 'Diff', exact: true }).click()
    await inserted.waitFor()
    const asked = said('comparing')
    await write(Array.from({ length: 40 }, (_, at) => `# mine ${at}\n`).join(''))
    await asked
    const stale = said('compared')
    await write('kind: Shorter\n')
    await stale
    await said('compared')
    await world.page.locator('.edit .diff .modified').getByText('Shorter').waitFor()
    await inserted.waitFor()
    expect(complaints).toEqual([])
    await world.page.unroute(/monaco-worker.*\.js/)
  })

  it('looks the same in the dark', async () => {
    await world.page.evaluate("localStorage.setItem('drydock.theme', 'dark')")
    await world.page.reload()
    await world.page.locator('html[data-theme=dark]').waitFor()
    await go('/k/deployments.apps?sel=shop/catalog')
    await world.page.getByRole('button', { name: 'Edit' }).click()
    await world.page.locator('.edit .view-line').getByText('Deployment').waitFor()
    await world.page.locator('.edit .problems:visible').getByText('No problems found').waitFor()
    await shot('edit-dark')
    await world.page.getByRole('button', { name: 'More actions' }).click()
    await world.page.getByRole('menuitem', { name: 'Labels' }).click()
    await world.page.getByRole('dialog').getByRole('button', { name: 'Add' }).click()
    await world.page.getByRole('dialog').getByLabel('Key').last().fill('-wrong')
    await world.page.getByText('"-wrong": each key once').waitFor()
    await shot('labels-dark')
    await world.page.getByRole('button', { name: 'Cancel' }).click()
    expect(complaints).toEqual([])
  })
})
