/** The app in a real browser on a real cluster: how often it asks, how soon it shows, logs that follow, a shell that answers. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClient, type Client } from '../../src-kube/client/typed-client.ts'
import { refs } from '../../src-kube/client/refs.ts'
import { adminTransport } from '../../src-main/cluster/api.ts'
import { adminAccess } from '../../src-main/cluster/kubeconfig.ts'
import type { ConfigMap, Pod } from '#types/core/v1'
import type { HttpTransport } from '../../src-wire/http-transport.ts'
import { TestCluster } from '../helpers/cluster.ts'
import { eventually } from '../helpers/eventually.ts'
import { buildTestImages } from '../helpers/images.ts'

const EXECUTABLE_PATH = '/usr/bin/chromium'
const MINUTE = 60_000
/** Kinds of the app's own pages. */
const ownKinds = ['nodes', 'namespaces', 'pods', 'deployments', 'services', 'configmaps', 'secrets', 'events'] as const
const groups: Partial<Record<string, string>> = { deployments: '.apps' }

/** Two containers; the first counts five times a second. */
const talker = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'talker', namespace: 'default' },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'count',
        image: 'busybox',
        command: ['sh', '-c', 'i=0; while :; do echo count $i; i=$((i+1)); sleep 0.2; done'],
      },
      { name: 'other', image: 'busybox', command: ['sh', '-c', 'echo other > /tmp/name; sleep 3600'] },
    ].map((container) => ({ ...container, imagePullPolicy: 'IfNotPresent' })),
  },
} as Pod

/** For the browser: when the grid came to hold that text, ms since the epoch. */
const whenShown = (text: string): string => `new Promise((resolve) => {
  const observer = new MutationObserver(() => {
    if (!document.querySelector('[role=grid]')?.textContent.includes(${JSON.stringify(text)})) return
    observer.disconnect()
    resolve(Date.now())
  })
  observer.observe(document.body, { subtree: true, childList: true, characterData: true })
})`

describe.skipIf(!existsSync(EXECUTABLE_PATH))('the app on a real cluster', () => {
  const cluster = new TestCluster('app')
  let transport: HttpTransport
  let client: Client
  let browser: Browser
  let page: Page
  let address: URL
  const complaints: string[] = []

  beforeAll(async () => {
    buildTestImages()
    // A cluster of the user's own kubeconfig, which stands beside ours.
    const context = { name: 'work', context: { cluster: 'work', user: 'me' } }
    const other = {
      clusters: [{ name: 'work', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [],
      contexts: [context],
    }
    process.env['KUBECONFIG'] = join(cluster.data, 'own')
    writeFileSync(process.env['KUBECONFIG'], JSON.stringify({ apiVersion: 'v1', kind: 'Config', ...other }))
    process.env['DRYDOCK_PREFERENCES'] = join(cluster.data, 'preferences.json')
    const { stdout } = await cluster.drydock('up', '--nodes', '1', '--detach')
    address = new URL(/app\s+(http:\S+)/.exec(stdout)![1]!)
    transport = adminTransport(adminAccess(readFileSync(cluster.kubeconfig, 'utf8')))
    client = createClient(transport)
    await client.resource(refs.pods).create(talker)
    await cluster.k('wait', 'pod/talker', '--for=condition=Ready', '--timeout=60s')
    browser = await chromium.launch({ executablePath: EXECUTABLE_PATH, args: ['--no-sandbox'] })
    page = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US' })).newPage()
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(String(error)))
  })

  afterAll(async () => {
    delete process.env['KUBECONFIG']
    delete process.env['DRYDOCK_PREFERENCES']
    await browser?.close()
    transport?.close()
    await cluster.delete()
  })

  const go = (path: string) => page.goto(`${address.origin}/#/c/${clusterId()}${path}`)
  const clusterId = (): string => /#\/c\/([^/?]+)/.exec(page.url())![1]!
  const row = (name: string) => page.locator('[role=grid] [role=rowgroup] [role=row]').filter({ hasText: name })
  const screen = () => page.locator('.xterm-rows')

  /** Lists so far and watches now, of each kind, by the API server's own count; and how often it was asked what pods use. */
  async function served(): Promise<Record<string, { lists: number; watches: number }>> {
    const text = await cluster.k('get', '--raw', '/metrics')
    const sum = (metric: string, verb: string, resource: string, measured = false): number =>
      text
        .split('\n')
        .filter(
          (line) =>
            line.startsWith(`${metric}{`) &&
            line.includes(`verb="${verb}"`) &&
            line.includes(`resource="${resource}"`) &&
            line.includes('group="metrics.k8s.io"') === measured,
        )
        .reduce((total, line) => total + Number(line.split(' ').at(-1)), 0)
    const usage = { lists: sum('apiserver_request_total', 'LIST', 'pods', true), watches: 0 }
    const kinds = Object.fromEntries(
      ownKinds.map((kind) => [
        kind,
        {
          lists: sum('apiserver_request_total', 'LIST', kind),
          watches: sum('apiserver_longrunning_requests', 'WATCH', kind),
        },
      ]),
    )
    return { ...kinds, usage }
  }

  it('asks for one list and one watch of each kind, in a minute of going through all its pages', async () => {
    const before = await served()
    await page.goto(address.href)
    await page.getByRole('heading', { name: 'Needs attention' }).waitFor()
    const end = performance.now() + MINUTE
    let rounds = 0
    while (performance.now() < end) {
      for (const kind of ownKinds) {
        await go(`/k/${kind}${groups[kind] ?? ''}`)
        await page.locator('[role=grid], .instead').first().waitFor()
      }
      rounds++
    }
    const after = await served()
    const asked = Object.fromEntries(
      ownKinds.map((kind) => [
        kind,
        [after[kind]!.lists - before[kind]!.lists, after[kind]!.watches - before[kind]!.watches].join(' list, ') +
          ' watch',
      ]),
    )
    console.info(`${rounds} rounds of ${ownKinds.length} pages in a minute: ${JSON.stringify(asked)}`)
    expect(new Set(Object.values(asked))).toEqual(new Set(['1 list, 1 watch']))
    // What pods use is asked for every ten seconds, however often their page is opened.
    expect(after['usage']!.lists - before['usage']!.lists).toBeLessThanOrEqual(MINUTE / 10_000 + 1)
    expect(complaints).toEqual([])
  })

  it('shows the clusters of kubeconfig beside its own', async () => {
    await page.getByRole('link', { name: /^work:/ }).waitFor()
    await page.getByRole('link', { name: new RegExp(`^${cluster.name}:`) }).waitFor()
  })

  it('shows what changes within 300 ms', async () => {
    await go('/k/configmaps')
    await row('kube-root-ca.crt').first().waitFor()
    const times: number[] = []
    for (let i = 0; i < 20; i++) {
      const name = `seen-${i}`
      const shown = page.evaluate<number>(whenShown(name))
      const begun = Date.now()
      await client.resource(refs.configMaps).create({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace: 'default' } as ConfigMap['metadata'],
        data: {},
      })
      times.push((await shown) - begun)
    }
    times.sort((a, b) => a - b)
    console.info(`from the request to the screen: median ${times[10]} ms, worst ${times.at(-1)} ms`)
    expect(times[10]).toBeLessThan(300)
  })

  it('follows a log as it is written', async () => {
    await go('/k/pods?sel=default/talker')
    await page.getByRole('button', { name: 'Logs' }).click()
    const last = async (): Promise<number> => {
      const text = (await page.locator('.dock').textContent()) ?? ''
      return Math.max(-1, ...[...text.matchAll(/count (\d+)/g)].map((match) => Number(match[1])))
    }
    const first = await eventually('the log to begin', last, (count) => count >= 0, 10_000)
    await eventually('the log to go on', last, (count) => count > first + 10, 10_000)
    const written = Number(/count (\d+)/.exec(await cluster.k('logs', 'talker', '-c', 'count', '--tail=1'))![1])
    await eventually('the newest line', last, (count) => count >= written, 2_000)
    expect(complaints).toEqual([])
  })

  it('types into a container, which answers; the shell outlives its page', async () => {
    await go('/k/pods?sel=default/talker')
    await page.getByRole('button', { name: 'Shell' }).click()
    await screen().getByText('/ #').first().waitFor()
    await page.keyboard.type('echo $((6 * 7)) | tee /tmp/typed\n')
    await screen().getByText('42', { exact: true }).first().waitFor()
    const typed = () => cluster.k('exec', 'talker', '-c', 'count', '--', 'cat', '/tmp/typed')
    expect(await typed()).toBe('42\n')
    await go('/k/services')
    await row('kubernetes').waitFor()
    await page.locator('.xterm-screen').first().click()
    await page.keyboard.type('echo again > /tmp/typed; stty size\n')
    await eventually('what was typed on another page', typed, (text) => text === 'again\n', 5_000)
    await screen()
      .getByText(/^\d+ \d+$/)
      .first()
      .waitFor()
    expect(complaints).toEqual([])
  })
})
