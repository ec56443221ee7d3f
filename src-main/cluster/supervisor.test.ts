/** Steps of the nodes' supervisor, resources/node/supervisor.sh, each run alone beside programs and processes that stand in for a node's. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const supervisorScript = join(import.meta.dirname, '../../resources/node/supervisor.sh')

let folder: string
const children: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'supervisor-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Runs one step; programs of `folder/bin` come before the machine's own. */
const step = (...args: string[]): string =>
  execFileSync('sh', [supervisorScript, ...args], {
    env: { ...process.env, PATH: `${folder}/bin:${process.env['PATH']}` },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })

describe('shims that nobody knows any more', () => {
  interface Told {
    command?: string
    bundle: string
    parent?: number | undefined
  }

  /** A process that lives, of which `folder/proc` tells something else. */
  function told({ command = '/usr/bin/containerd-shim-runc-v2', bundle, parent = 1 }: Told): ChildProcess {
    const child = spawn('sleep', ['60'])
    children.push(child)
    const place = join(folder, 'proc', String(child.pid))
    mkdirSync(place, { recursive: true })
    writeFileSync(join(place, 'cmdline'), `${command}\0-namespace\0moby\0`)
    writeFileSync(join(place, 'status'), `Name:\tshim\nPid:\t${child.pid}\nPPid:\t${parent}\n`)
    symlinkSync(bundle, join(place, 'cwd'))
    return child
  }
  const GONE = '/run/containerd/moby/b (deleted)'

  it('end, while those with a bundle, with containers, and other programs go on', async () => {
    const lost = told({ bundle: GONE })
    const known = told({ bundle: '/run/containerd/moby/a' })
    const parent = told({ bundle: GONE })
    const container = told({ command: '/pause', bundle: '/', parent: parent.pid })
    const other = told({ command: '/usr/bin/sleep', bundle: GONE })
    step('lost-shims', join(folder, 'proc'))
    expect((await once(lost, 'exit'))[1]).toBe('SIGKILL')
    for (const alive of [known, parent, container, other]) expect(() => process.kill(alive.pid!, 0)).not.toThrow()
    expect([known, parent, container, other].map(({ signalCode }) => signalCode)).toEqual([null, null, null, null])
  })

  it('are none where no process is a shim', () => {
    mkdirSync(join(folder, 'proc'))
    expect(step('lost-shims', join(folder, 'proc'))).toBe('')
  })
})

describe('containers that containerd does not know any more', () => {
  function program(name: string, script: string): void {
    mkdirSync(join(folder, 'bin'), { recursive: true })
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, 'bin', name), 0o755)
  }
  const docker = (...ids: string[]): void => program('docker', `printf '${ids.map((id) => `${id}\\n`).join('')}'`)
  beforeEach(() => program('pkill', 'echo "end $@"'))

  it('have dockerd start anew, which says that they run', () => {
    docker('aaa', 'bbb', 'ccc', 'eee')
    program('ctr', `printf 'aaa\\nccc\\nddd\\n'`)
    expect(step('lost-containers')).toBe('end -x dockerd\n')
  })

  it('leave dockerd alone where there are none', () => {
    docker('aaa', 'ccc')
    program('ctr', `printf 'aaa\\nccc\\nddd\\n'`)
    expect(step('lost-containers')).toBe('')
  })

  it('are left alone while containerd does not answer', () => {
    docker('aaa')
    program('ctr', 'exit 1')
    expect(step('lost-containers')).toBe('')
  })
})

describe('what dockerd was making when it was killed', () => {
  const put = (path: string, content: string): void => {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  const layer = (id: string): void => {
    put(`overlay2/${id}/diff/file`, 'content')
    put(`overlay2/${id}/link`, `LINK-${id}`)
    mkdirSync(join(folder, 'overlay2/l'), { recursive: true })
    symlinkSync(`../${id}/diff`, join(folder, `overlay2/l/LINK-${id}`))
  }
  const LAYERS = 'image/overlay2/layerdb'
  const container = (id: string): void => {
    for (const part of ['init', 'mount']) put(`${LAYERS}/mounts/${id}/${part}-id`, `${id}-${part}`)
    put(`${LAYERS}/mounts/${id}/parent`, 'sha256:abc')
    layer(`${id}-init`)
    layer(`${id}-mount`)
    put(`containers/${id}/hosts`, '')
  }

  it('goes, and nothing of images and containers', () => {
    for (const id of ['base', 'top', 'torn']) layer(id)
    // Without an end of line, as dockerd writes them.
    put(`${LAYERS}/sha256/1/cache-id`, 'base')
    put(`${LAYERS}/sha256/2/cache-id`, 'top')
    container('whole')
    put('containers/whole/config.v2.json', '{}')
    container('half')
    step('lost-layers', folder)
    expect(readdirSync(join(folder, 'overlay2')).toSorted()).toEqual(['base', 'l', 'top', 'whole-init', 'whole-mount'])
    expect(readdirSync(join(folder, 'overlay2/l')).toSorted()).toEqual(
      ['base', 'top', 'whole-init', 'whole-mount'].map((id) => `LINK-${id}`),
    )
    expect(readdirSync(join(folder, LAYERS, 'mounts'))).toEqual(['whole'])
    expect(readdirSync(join(folder, 'containers'))).toEqual(['whole'])
  })

  it('is nothing where dockerd has not made its folders yet', () => {
    put('overlay2/other/diff/file', 'content')
    step('lost-layers', folder)
    expect(readdirSync(join(folder, 'overlay2'))).toEqual(['other'])
  })
})

describe('a log that grew too long', () => {
  it('is cut while its program writes on, which loses nothing but what was kept before', () => {
    const log = join(folder, 'agent.log')
    writeFileSync(join(folder, 'dockerd.log'), 'short\n')
    writeFileSync(`${log}.1`, 'long ago\n')
    const open = openSync(log, 'a')
    appendFileSync(open, 'first '.repeat(10))
    step('rotate-logs', folder, '50')
    appendFileSync(open, 'second')
    expect(readFileSync(log, 'utf8')).toBe('second')
    expect(readFileSync(`${log}.1`, 'utf8')).toBe('first '.repeat(10))
    expect(readFileSync(join(folder, 'dockerd.log'), 'utf8')).toBe('short\n')
  })
})
