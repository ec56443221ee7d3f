/** Clusters made, restored, reset and deleted from the app in a real browser, without Docker. Set SHOTS to a folder to keep pictures. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../helpers/eventually.ts'
import { OwnUser } from '../helpers/own-user.ts'

const EXECUTABLE_PATH = '/usr/bin/chromium'
const user = new OwnUser('app-clusters')
const { home } = user
const folder = (cluster: string) => user.folder(cluster)
const drydock = (cluster: string, ...args: string[]) => user.drydock(cluster, ...args)
const kubectl = (cluster: string, ...args: string[]) => user.kubectl(cluster, ...args)

describe.skipIf(!existsSync(EXECUTABLE_PATH))('clusters in the app', () => {
  let browser: Browser
  let page: Page
  let origin: string
  /** Path of the snapshot that is saved of `lab`. */
  let file: string
  /** The process that hosts `base` and serves the app. */
  let pid: number
  const complaints: string[] = []

  beforeAll(async () => {
    mkdirSync(join(home, 'Downloads'))
    const { code, stdout, stderr } = await drydock('base', 'up', '--nodes', '0', '--detach')
    if (code !== 0) throw new Error(stderr)
    const link = new URL(/app\s+(http:\S+)/.exec(stdout)![1]!)
    origin = link.origin
    pid = (JSON.parse(readFileSync(join(folder('base'), 'host.json'), 'utf8')) as { pid: number }).pid
    browser = await chromium.launch({ executablePath: EXECUTABLE_PATH, args: ['--no-sandbox'] })
    page = await (await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' })).newPage()
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.goto(link.href)
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await user.delete()
  })

  const shot = async (name: string): Promise<void> => {
    const shots = process.env['SHOTS']
    if (shots) await page.screenshot({ path: join(shots, `${name}.png`) })
  }
  const field = (name: string) => page.getByRole('textbox', { name, exact: true })
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true })
  const more = async (name: string): Promise<void> => {
    await button('More for this cluster').click()
    await page.getByRole('menuitem', { name, exact: true }).click()
  }
  const cluster = (name: string, state: string) => page.getByRole('link', { name: `${name}: ${state}` })
  const dialog = () => page.getByRole('dialog')
  /** Confirms a question by typing the cluster's name. */
  async function confirm(verb: string, name: string): Promise<void> {
    const yes = dialog().getByRole('button', { name: verb })
    expect(await yes.isDisabled()).toBe(true)
    await dialog().getByRole('textbox').fill(name)
    await yes.click()
  }
  const configMap = async (): Promise<string> =>
    (await kubectl('lab', 'get', 'configmap', 'kept', '--ignore-not-found', '-o', 'name')).stdout

  it('says at each field what is in the way, with the remedy, and keeps what was typed', async () => {
    await page.getByRole('link', { name: 'New cluster' }).click()
    await field('Name').fill('My Lab')
    await field('Nodes').fill('2')
    await field('Port of the API server').fill(new URL(origin).port)
    await button('Create the cluster').click()
    await page.getByText('"My Lab" is no cluster name').waitFor()
    await page.getByText(`Port ${new URL(origin).port} is taken: choose another`).waitFor()
    await page.getByText(/No Docker engine answers at .* Or make it without nodes: 0\./).waitFor()
    await shot('create-problems')
    await field('Name').fill('base')
    await page.getByText('There is a cluster "base" already').waitFor()
    await page.reload()
    await expect.poll(() => field('Name').inputValue()).toBe('base')
    expect(await field('Nodes').inputValue()).toBe('2')
    expect(existsSync(folder('My Lab'))).toBe(false)
  })

  it('makes a cluster beside the other, tells its steps, and goes to it', async () => {
    await field('Name').fill('lab')
    await field('Nodes').fill('0')
    await field('Port of the API server').fill('')
    await field('Name').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('region', { name: 'Creating cluster lab' }).locator('li').first().waitFor()
    await shot('creating')
    await page.waitForURL(/#\/c\/lab/)
    await cluster('lab', 'running').waitFor()
    await cluster('base', 'running').waitFor()
    await button('Save a snapshot').waitFor()
    expect(await kubectl('lab', 'create', 'configmap', 'kept', '--from-literal=a=b')).toMatchObject({ code: 0 })
    expect(JSON.parse((await drydock('lab', 'status', '--json')).stdout)).toMatchObject({ running: true })
  })

  it('restores the cluster to what a snapshot holds', async () => {
    await button('Save a snapshot').click()
    const told = await page
      .getByText(/^Saved: .*\.snapshot/)
      .first()
      .innerText()
    file = /Saved: (.*\.snapshot)/.exec(told)![1]!
    expect(file).toContain(join(home, 'Downloads', 'lab-'))
    expect(await kubectl('lab', 'delete', 'configmap', 'kept')).toMatchObject({ code: 0 })
    await more('Restore a snapshot…')
    await page.getByRole('combobox', { name: 'Snapshot' }).fill(join(home, 'nothing'))
    await page.getByText('there is no such file or folder').waitFor()
    await page.getByRole('combobox', { name: 'Snapshot' }).fill(file)
    await page.getByText(/^● Cluster lab as it was at/).waitFor()
    await shot('restore-form')
    await button('Restore this one…').click()
    await confirm('Restore a snapshot', 'lab')
    await page.getByRole('region', { name: 'Restoring cluster lab' }).waitFor()
    await shot('restoring')
    await page.getByText('Cluster lab is as the snapshot was.').waitFor()
    expect(await configMap()).toBe('configmap/kept\n')
    await page.goto(`${origin}/#/c/lab/k/configmaps?ns=default`)
    await page.getByRole('row').filter({ hasText: 'kept' }).waitFor()
  })

  it('stops, and follows the command line, which starts it again', async () => {
    await page.goto(`${origin}/#/c/lab`)
    await button('Stop the cluster').click()
    await dialog().getByRole('button', { name: 'Stop the cluster' }).click()
    await cluster('lab', 'stopped').waitFor()
    await button('Start the cluster').waitFor()
    await shot('stopped')
    expect(await drydock('lab', 'up', '--detach')).toMatchObject({ code: 0 })
    await cluster('lab', 'running').waitFor()
    expect(await configMap()).toBe('configmap/kept\n')
  })

  it('resets to a new cluster with the same name, port and kubeconfig', async () => {
    const before = readFileSync(join(folder('lab'), 'kubeconfig'), 'utf8').match(/server: .*/)![0]
    await more('Reset…')
    await shot('reset-question')
    await confirm('Reset', 'lab')
    await page.getByText('Cluster lab is as new.').waitFor()
    expect(await configMap()).toBe('')
    expect(readFileSync(join(folder('lab'), 'kubeconfig'), 'utf8')).toContain(before)
    await page.goto(`${origin}/#/c/lab/k/configmaps?ns=default`)
    await page.getByRole('row').filter({ hasText: 'kube-root-ca.crt' }).waitFor()
    expect(await page.getByRole('row').filter({ hasText: 'kept' }).count()).toBe(0)
  })

  it('deletes without leaving anything, and shows another cluster', async () => {
    await page.goto(`${origin}/#/c/lab`)
    await more('Delete…')
    await confirm('Delete', 'lab')
    await page.waitForURL(/#\/c\/base/)
    await eventually(
      'the cluster to be gone',
      async () => existsSync(folder('lab')),
      (there) => !there,
      5_000,
    )
    await expect.poll(() => page.getByRole('link', { name: /^lab/ }).count()).toBe(0)
    await button('Save a snapshot').waitFor()
    expect(complaints).toEqual([])
  })

  it('resets and deletes the cluster whose own process serves the app, which stays while somebody looks', async () => {
    await more('Reset…')
    await confirm('Reset', 'base')
    await page.getByText('Cluster base is as new.').waitFor()
    expect(JSON.parse((await drydock('base', 'status', '--json')).stdout)).toMatchObject({ running: true })
    await more('Delete…')
    await confirm('Delete', 'base')
    await page.getByRole('heading', { name: 'No cluster yet' }).waitFor()
    await page.getByText(/No Docker engine answers/).waitFor()
    await shot('no-cluster')
    expect(existsSync(folder('base'))).toBe(false)
  })

  it('makes a cluster of a snapshot, with what was in it', async () => {
    await page.getByRole('link', { name: 'Choose name, nodes or a snapshot' }).click()
    await field('Name').fill('copy')
    await page.getByRole('combobox', { name: 'Snapshot' }).fill(file)
    await page.getByText(/^● Cluster lab as it was at/).waitFor()
    await expect.poll(() => field('Nodes').inputValue()).toBe('0')
    await button('Create the cluster').click()
    await cluster('copy', 'running').waitFor()
    expect((await kubectl('copy', 'get', 'configmap', 'kept', '-o', 'name')).stdout).toBe('configmap/kept\n')
    await page.close()
    const hosts = async (): Promise<boolean> => {
      try {
        return process.kill(pid, 0)
      } catch {
        return false
      }
    }
    await eventually('the process without a cluster to end', hosts, (runs) => !runs, 15_000)
    expect(complaints).toEqual([])
  })
})
