import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSignedIn, readCredential, runProgram, signInOf } from './sign-in.ts'

const cluster = { server: 'https://c' }
const signIn = signInOf({ command: 'login', args: ['--now'] }, '/home/jane/.kube')
const credential = (status: object): string => JSON.stringify({ kind: 'ExecCredential', status })

/** A program that gives a new token each time, good for a minute. */
function program() {
  const world = { time: 0, runs: 0, fails: false }
  const run = (): Promise<string> => {
    world.runs++
    if (world.fails) return Promise.reject(new Error('the session has ended'))
    const expirationTimestamp = new Date(world.time + 60_000).toISOString()
    return Promise.resolve(credential({ token: `t${world.runs}`, expirationTimestamp }))
  }
  const signedIn = createSignedIn(signIn, cluster, { run, now: () => world.time })
  return { world, signedIn, token: async () => (await signedIn.credentials()).token }
}

describe('signing in by a program', () => {
  it('runs it once for all who wait, and again shortly before what it gave ends', async () => {
    const { world, token } = program()
    expect(await Promise.all([token(), token()])).toEqual(['t1', 't1'])
    world.time = 49_000
    expect(await token()).toBe('t1')
    world.time = 51_000
    expect(await token()).toBe('t2')
  })

  it('runs it again when the server does not take what it gave, but not for each request that is refused', async () => {
    const { world, signedIn, token } = program()
    const first = await signedIn.credentials()
    signedIn.refuse(first)
    expect(await token()).toBe('t1')
    world.time = 10_000
    signedIn.refuse(first)
    expect([await token(), world.runs]).toEqual(['t2', 2])
  })

  it('tells why it failed, and tries again after a while', async () => {
    const { world, token } = program()
    world.fails = true
    await expect(token()).rejects.toThrow('the session has ended')
    world.fails = false
    await expect(token()).rejects.toThrow('the session has ended')
    world.time = 10_000
    expect([await token(), world.runs]).toEqual(['t2', 2])
  })

  it('takes a token or a certificate with its key, and says when there is neither', () => {
    expect(readCredential(signIn, credential({ clientCertificateData: 'C', clientKeyData: 'K' }))).toEqual({
      clientCertificate: 'C',
      clientKey: 'K',
    })
    for (const output of ['', 'hello', credential({}), credential({ clientCertificateData: 'C' })])
      expect(() => readCredential(signIn, output)).toThrow('"login" was to sign in, but gave neither')
  })

  it('finds a command that is a path beside the kubeconfig', () => {
    const commands = ['aws', './bin/login', '/usr/bin/login'].map((command) => signInOf({ command }, '/k').command)
    expect(commands).toEqual(['aws', '/k/bin/login', '/usr/bin/login'])
  })
})

describe('the program', () => {
  let folder: string
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'sign-in-'))))
  afterEach(() => rm(folder, { recursive: true }))
  const script = async (text: string): Promise<string> => {
    const path = join(folder, 'login')
    await writeFile(path, `#!/bin/sh\n${text}\n`)
    await chmod(path, 0o755)
    return path
  }

  it('is told what it is asked for, and of the cluster if it wants to know', async () => {
    const command = await script('echo "$1 $KIND $KUBERNETES_EXEC_INFO"')
    const exec = { command, args: ['a b'], env: [{ name: 'KIND', value: 'x' }], provideClusterInfo: true }
    const said = await runProgram(signInOf(exec, '/'), cluster)
    expect(said).toMatch(/^a b x \{/)
    expect(JSON.parse(said.slice(6))).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: 'https://c' } },
    })
  })

  it('that fails, is not there or needs a terminal is told of with what to do', async () => {
    const failing = signInOf({ command: await script('echo "Token has expired" >&2; exit 1') }, '/')
    await expect(runProgram(failing, cluster)).rejects.toThrow('could not sign in: Token has expired')
    const absent = signInOf({ command: join(folder, 'none'), installHint: 'Get it from us.' }, '/')
    await expect(runProgram(absent, cluster)).rejects.toThrow('which is not there. Get it from us.')
    const asking = signInOf({ command: 'login', interactiveMode: 'Always' }, '/')
    await expect(runProgram(asking, cluster)).rejects.toThrow('in a terminal, which the app has not')
  })
})
