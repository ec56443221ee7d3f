import { spawn } from 'node:child_process'
import { createServer, type ServerResponse } from 'node:http'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { command, type CommandResult, drydock, drydockWords, kubectlOf } from '../helpers/command.ts'
import { ownFolder, removeLeftovers } from '../helpers/leftovers.ts'

const folder = ownFolder('bad-input')
const env = { DOCKER_HOST: `unix://${join(folder, 'nowhere.sock')}`, KUBECONFIG: join(folder, 'user-config') }
const raw = (...args: string[]): Promise<CommandResult> => drydock(args, { env })
const on = (cluster: string): string[] => ['--name', cluster, '--data', join(folder, cluster)]

let server = ''
beforeAll(async () => {
  await removeLeftovers('bad-input')
  const { code, stdout, stderr } = await raw('up', '--nodes', '0', '--detach', '--json', ...on('good'))
  if (code !== 0) throw new Error(`exit ${code}: ${stderr}${stdout}`)
  server = (JSON.parse(stdout) as { server: string }).server
})
afterAll(async () => {
  await raw('down', '--delete', ...on('good'))
  rmSync(folder, { recursive: true, force: true })
})

describe('bad input on the command line', () => {
  it.each([
    [['stauts'], /^"stauts" is no verb of drydock\.\nDid you mean "status"\?/],
    [['toString'], /^"toString" is no verb of drydock\./],
    [['up', '--node', '3'], /^--node is no option of drydock\.\nDid you mean "--nodes"\?/],
    [['status', '--merge'], /takes no --merge\.\nUsage: drydock status/],
    [['up', 'now'], /takes no "now"\.\nUsage: drydock up/],
    [['up', '--name', 'A_b'], /^"A_b" is no cluster name\.\nUse at most 32/],
    [['up', '--nodes', 'many'], /^--nodes takes a whole number from 0 to 50, not "many"\.\nFor example --nodes 3/],
    [['up', '--port', '0'], /^--port takes a whole number from 1 to 65535, not "0"\./],
    [['node', 'ad', 'n1'], /^"ad" is no verb of drydock node\.\nDid you mean "add"\?/],
    [['image', 'load'], /^Say which images\.\n/],
    [['status', '--name', 'nobody'], /^There is no cluster "nobody"\.\nCreate it with/],
  ])('%j: one sentence and the remedy', async (args, words) => {
    const { code, stdout, stderr } = await raw(...args)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(words)
    expect(stderr).not.toMatch(/\n +at /)
  })

  it.each([[[]], [['--detach']]])('no Docker: nothing is made (%j)', async (more) => {
    const { code, stdout } = await raw('up', '--json', ...more, ...on('none'))
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toEqual({
      error: `No Docker engine answers at ${env.DOCKER_HOST}, where DOCKER_HOST points.`,
      remedy: expect.stringContaining('unset it'),
    })
    expect(existsSync(join(folder, 'none'))).toBe(false)
  })

  it.each([[[]], [['--detach']]])('Ctrl-C during creation undoes it (%j)', async (more) => {
    // An engine whose image build never ends: it takes the archive's question and answers only once the start was interrupted.
    const asked = Promise.withResolvers<void>()
    const held: ServerResponse[] = []
    const engine = createServer((request, response) => {
      const path = request.url ?? ''
      if (path.includes('/_ping')) return response.end('OK')
      if (path.includes('/containers/json')) return response.end('[]')
      if (path.includes('/info')) return response.end('{}')
      held.push(response)
      asked.resolve()
    })
    const socket = join(folder, 'slow.sock')
    await new Promise<void>((resolve) => engine.listen(socket, resolve))
    try {
      const child = spawn(process.execPath, [...drydockWords, 'up', ...more, ...on('cut')], {
        env: { ...process.env, ...env, DOCKER_HOST: `unix://${socket}` },
      })
      let words = ''
      child.stderr.on('data', (chunk: Buffer) => (words += chunk.toString()))
      const closed = new Promise<number | null>((resolve) => child.once('close', resolve))
      await asked.promise
      expect(existsSync(join(folder, 'cut', 'cluster.json'))).toBe(true)
      child.kill('SIGINT')
      // The signal comes before the answer: handed on to a detached host it has one more process to go through.
      await new Promise((resolve) => setTimeout(resolve, 300))
      for (const response of held) response.end('{}')
      expect(await closed).toBe(1)
      expect(words).toContain('Interrupted: what was made until then is undone.')
      expect(existsSync(join(folder, 'cut'))).toBe(false)
    } finally {
      engine.closeAllConnections()
      engine.close()
    }
  })

  it('a port that is taken: named, and nothing is made', async () => {
    const { port } = new URL(server)
    const { code, stderr } = await raw('up', '--nodes', '0', '--port', port, ...on('taken'))
    expect(code).toBe(1)
    expect(stderr).toContain(`Port ${port} is taken.\nGive another with --port`)
    expect(existsSync(join(folder, 'taken'))).toBe(false)
  })

  it('a folder with files of others: refused, the files untouched', async () => {
    mkdirSync(join(folder, 'mine'))
    writeFileSync(join(folder, 'mine', 'thesis.txt'), 'years')
    for (const detach of [[], ['--detach']]) {
      const { code, stderr } = await raw('up', '--nodes', '0', ...detach, ...on('mine'))
      expect(code).toBe(1)
      expect(stderr).toMatch(/holds no cluster, but it is not empty \(thesis\.txt\)\.\nChoose an empty/)
      expect(readdirSync(join(folder, 'mine'))).toEqual(['thesis.txt'])
    }
  })

  it('a damaged store: told, and left as it is', async () => {
    await raw('up', '--nodes', '0', '--detach', ...on('hurt'))
    await raw('down', ...on('hurt'))
    const store = join(folder, 'hurt', 'store', 'store.db')
    const garbage = Buffer.alloc(8192, 'x')
    writeFileSync(store, garbage)
    for (const beside of ['-wal', '-shm']) rmSync(store + beside, { force: true })
    const { code, stderr } = await raw('up', '--nodes', '0', ...on('hurt'))
    expect(code).toBe(1)
    expect(stderr).toMatch(/store\.db cannot be .*\nNothing was changed\./)
    expect(readFileSync(store).equals(garbage)).toBe(true)
    await raw('down', '--delete', ...on('hurt'))
  })

  it('a kubeconfig that is none: refused, never overwritten', async () => {
    for (const text of ['clusters: [', '- a\n- b\n', 'clusters: none\n', 'just words']) {
      writeFileSync(env.KUBECONFIG, text)
      const { code, stderr } = await raw('kubeconfig', '--merge', ...on('good'))
      expect(code).toBe(1)
      expect(stderr).toMatch(/is not a kubeconfig \(.+\); it was left as it is\.\nMend it or move it away/)
      expect(readFileSync(env.KUBECONFIG, 'utf8')).toBe(text)
    }
    rmSync(env.KUBECONFIG)
  })
})

describe('bad manifests', () => {
  const configMap = (more: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\n${more}`
  it.each([
    ['malformed YAML', 'a: [', /error converting YAML to JSON/],
    ['an unknown field', configMap('dada: {a: b}\n'), /strict decoding error: unknown field "dada"/],
    [
      'an invalid name',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: A_b}\n',
      /The ConfigMap "A_b" is invalid: metadata\.name: Invalid value: "A_b": a lowercase RFC 1123 subdomain/,
    ],
    [
      'too large a body',
      configMap(`data:\n  a: ${'x'.repeat(1_100_000)}\n`),
      /Too long: may not be more than 1048576 bytes/,
    ],
  ])("%s: Kubernetes' own words", async (_name, text, words) => {
    const file = join(folder, 'manifest.yaml')
    writeFileSync(file, text)
    const access = { env: { KUBECONFIG: join(folder, 'good', 'kubeconfig') } }
    const { code, stderr } = await command(kubectlOf('1.36'), ['create', '-f', file], access)
    expect(code).toBe(1)
    expect(stderr).toMatch(words)
  })

  it('an unknown kind is not to be found in discovery', async () => {
    const file = join(folder, 'manifest.yaml')
    writeFileSync(file, 'apiVersion: v1\nkind: Pud\nmetadata: {name: a}\n')
    const access = { env: { KUBECONFIG: join(folder, 'good', 'kubeconfig') } }
    const args = ['create', '-f', file]
    const { code, stderr } = await command(kubectlOf('1.36'), args, access)
    expect(code).toBe(1)
    expect(stderr).toMatch(/no matches for kind "Pud" in version "v1"/)
  })

  it('a change of an immutable field is refused', async () => {
    const file = join(folder, 'manifest.yaml')
    const access = { env: { KUBECONFIG: join(folder, 'good', 'kubeconfig') } }
    const apply = async (value: string): Promise<CommandResult> => {
      writeFileSync(file, configMap(`immutable: true\ndata: {a: ${value}}\n`))
      return command(kubectlOf('1.36'), ['apply', '-f', file], access)
    }
    expect((await apply('one')).code).toBe(0)
    const { code, stderr } = await apply('two')
    expect(code).toBe(1)
    expect(stderr).toMatch(/data: Forbidden: field is immutable when `immutable` is set/)
  })
})
