import { lstat, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setUpHostPath } from './host-path.ts'

let root: string
let server: Server
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'host-path-'))
  await mkdir(join(root, 'directory'))
  await writeFile(join(root, 'file'), '')
  server = createServer()
  await new Promise<void>((resolve) => void server.listen(join(root, 'socket'), resolve))
})
afterAll(async () => {
  await new Promise((resolve) => void server.close(resolve))
  await rm(root, { recursive: true })
})
const pathOf = (name: string) => (name.startsWith('/') ? name : join(root, name))

describe('hostPath', () => {
  it.each([
    ['', 'none'],
    ['Directory', 'directory'],
    ['DirectoryOrCreate', 'directory'],
    ['File', 'file'],
    ['FileOrCreate', 'file'],
    ['File', 'socket'],
    ['Socket', 'socket'],
    ['CharDevice', '/dev/null'],
  ])('of type %j takes %s', async (type, name) => expect(await setUpHostPath(pathOf(name), type)).toBe(pathOf(name)))

  it.each([
    ['Directory', 'file', 'hostPath type check failed: PATH is not a directory'],
    ['Directory', 'none', 'hostPath type check failed: PATH is not a directory'],
    ['DirectoryOrCreate', 'file', 'hostPath type check failed: PATH is not a directory'],
    ['File', 'directory', 'hostPath type check failed: PATH is not a file'],
    ['File', 'none', 'hostPath type check failed: PATH is not a file'],
    ['FileOrCreate', 'directory', 'hostPath type check failed: PATH is not a file'],
    ['FileOrCreate', 'none/file', 'open PATH: no such file or directory'],
    ['Socket', 'file', 'hostPath type check failed: PATH is not a socket file'],
    ['CharDevice', 'file', 'hostPath type check failed: PATH is not a character device'],
    ['BlockDevice', '/dev/null', 'hostPath type check failed: PATH is not a block device'],
    ['Pipe', 'file', 'Pipe is an invalid volume type'],
  ])('of type %j refuses %s: %s', async (type, name, words) => {
    await expect(setUpHostPath(pathOf(name), type)).rejects.toThrow(new Error(words.replace('PATH', pathOf(name))))
  })

  it('makes what its type lets it make, and nothing without a type', async () => {
    await setUpHostPath(pathOf('new/deep'), 'DirectoryOrCreate')
    expect((await lstat(pathOf('new/deep'))).mode & 0o777).toBe(0o755)
    await setUpHostPath(pathOf('new/file'), 'FileOrCreate')
    expect((await lstat(pathOf('new/file'))).mode & 0o777).toBe(0o644)
    await setUpHostPath(pathOf('never'), undefined)
    await expect(stat(pathOf('never'))).rejects.toThrow('ENOENT')
  })
})
