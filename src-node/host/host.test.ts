import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, describe, expect, it } from 'vitest'
import { groupUsage, controlGroupUsage, createHost, mountsUnder } from './index.ts'
import { machineFacts } from './machine-facts.ts'

const root = await mkdtemp(join(tmpdir(), 'host-'))
afterAll(() => rm(root, { recursive: true }))

/** Files by their paths; everything else is missing. */
const filesOf = (files: Record<string, string>) => (path: string) =>
  path in files
    ? Promise.resolve(files[path]!)
    : Promise.reject(Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' }))

describe('commands', () => {
  const host = createHost()

  it('give their output and take their input', async () => {
    expect(await host.run('sh', ['-c', 'cat; echo oops >&2'], { stdin: 'in' })).toEqual({
      stdout: 'in',
      stderr: 'oops\n',
    })
  })

  it('fail with their own words', async () => {
    await expect(host.run('sh', ['-c', 'echo no such thing >&2; exit 3'])).rejects.toThrow(
      'sh -c echo no such thing >&2; exit 3: exit 3: no such thing',
    )
    await expect(host.run('sh', ['-c', 'echo only this; kill -9 $$'])).rejects.toThrow('exit by signal: only this')
    await expect(host.run(join(root, 'none'), [])).rejects.toThrow('ENOENT')
  })

  it('may end before they have read everything', async () => {
    await expect(host.run('true', [], { stdin: 'x'.repeat(1_000_000) })).resolves.toEqual({ stdout: '', stderr: '' })
  })

  it('may be talked to while they run', async () => {
    const child = host.spawn('cat', [])
    child.stdin.end('hello')
    expect(await text(child.stdout)).toBe('hello')
  })

  it('are one way to the system, files and facts another', async () => {
    await host.writeFile(join(root, 'f'), 'x')
    expect(await readFile(join(root, 'f'), 'utf8')).toBe('x')
    expect(await host.readFile(join(root, 'f'))).toBe('x')
    const { total, free } = await host.disk(root)
    expect(total).toBeGreaterThanOrEqual(free)
    const facts = await host.facts()
    expect(facts.memory).toBeGreaterThan(0)
    expect(facts.machineId).toMatch(/^[0-9a-f]{32}$/)
  })
})

describe('the machine', () => {
  const system = {
    '/etc/os-release': 'ID=debian\nPRETTY_NAME="Debian GNU/Linux 13"\n',
    '/proc/sys/kernel/osrelease': '6.12.1\n',
    '/proc/sys/kernel/random/boot_id': 'ab-cd\n',
  }

  it('is described by its files', async () => {
    expect(await machineFacts(filesOf(system))).toMatchObject({
      osImage: 'Debian GNU/Linux 13',
      kernelVersion: '6.12.1',
      bootId: 'ab-cd',
      machineId: 'abcd',
      memory: totalmem(),
    })
    expect((await machineFacts(filesOf({ ...system, '/etc/os-release': '' }))).osImage).toBe('Linux')
  })

  it.each([
    ['/sys/fs/cgroup/memory.max', '1048576\n', 1_048_576],
    ['/sys/fs/cgroup/memory.max', 'max\n', totalmem()],
    ['/sys/fs/cgroup/memory/memory.limit_in_bytes', '1048576\n', 1_048_576],
    ['/sys/fs/cgroup/memory/memory.limit_in_bytes', '9223372036854771712\n', totalmem()],
  ])('has as much memory as %s of %j lets it: %i', async (path, content, memory) =>
    expect((await machineFacts(filesOf({ ...system, [path]: content }))).memory).toBe(memory),
  )

  it('is not known where its files cannot be read', async () => {
    await expect(machineFacts(() => Promise.reject(new Error('EIO')))).rejects.toThrow('EIO')
  })
})

describe('what the control group has used', () => {
  const none = {
    cpu: 0,
    memory: 0,
    inactiveFiles: 0,
    activeFiles: 0,
    rss: 0,
    pageFaults: 0,
    majorPageFaults: 0,
    limit: Infinity,
  }
  const used = { ...none, cpu: 42_000, memory: 1000, inactiveFiles: 300, activeFiles: 20 }

  it('is read from the second version', async () => {
    const read = filesOf({
      '/sys/fs/cgroup/cpu.stat': 'usage_usec 42\nuser_usec 1\n',
      '/sys/fs/cgroup/memory.current': '1000\n',
      '/sys/fs/cgroup/memory.stat': 'anon 1\ninactive_file 300\nactive_file 20\npgfault 4\npgmajfault 5\n',
      '/sys/fs/cgroup/docker/c/cpu.stat': 'usage_usec 7\n',
      '/sys/fs/cgroup/docker/c/memory.current': '50\n',
      '/sys/fs/cgroup/docker/c/memory.max': '60\n',
    })
    expect(await controlGroupUsage(read)).toEqual({ ...used, rss: 1, pageFaults: 4, majorPageFaults: 5 })
    expect(await groupUsage(read, '/docker/c')).toMatchObject({ cpu: 7000, memory: 50, limit: 60 })
    expect(await groupUsage(read, '/docker/gone')).toBeUndefined()
  })

  it.each(['cpu,cpuacct', 'cpuacct'])('is read from the first version with %s', async (controller) => {
    const read = filesOf({
      [`/sys/fs/cgroup/${controller}/cpuacct.usage`]: '42000\n',
      '/sys/fs/cgroup/memory/memory.usage_in_bytes': '1000\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '2000\n',
      '/sys/fs/cgroup/memory/memory.stat': 'inactive_file 1\ntotal_inactive_file 300\ntotal_active_file 20\n',
    })
    expect(await controlGroupUsage(read)).toEqual({ ...used, limit: 2000 })
  })

  it('is nothing where the kernel tells nothing, an error where it cannot be read', async () => {
    expect(await controlGroupUsage(filesOf({}))).toEqual(none)
    expect(await controlGroupUsage(filesOf({ '/sys/fs/cgroup/cpu.stat': 'odd' }))).toMatchObject({ cpu: 0, memory: 0 })
    await expect(controlGroupUsage(() => Promise.reject(new Error('EIO')))).rejects.toThrow('EIO')
  })
})

it('mounts below a directory come deepest first', async () => {
  const read = filesOf({
    '/proc/self/mounts':
      'overlay / overlay rw 0 0\ntmpfs /p/u/a tmpfs rw\ntmpfs /p/u/a/b\\040c tmpfs rw\ntmpfs /p/u2 tmpfs\n',
  })
  expect(await mountsUnder(read, '/p/u')).toEqual(['/p/u/a/b c', '/p/u/a'])
})
