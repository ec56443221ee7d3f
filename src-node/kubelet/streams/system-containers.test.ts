import { expect, it } from 'vitest'
import { engineProcesses, processUse } from './system-containers.ts'

const stat = (name: string, { user = 0, system = 0, start = 0, pages = 0 }) => {
  const fields = Array.from({ length: 52 }, () => '0')
  Object.assign(fields, { 0: '7', 1: `(${name})`, 2: 'S', 13: user, 14: system, 21: start, 23: pages })
  return fields.join(' ')
}
const hostWith = (files: Record<string, string>, ids = '') => ({
  run: () => Promise.resolve({ stdout: ids, stderr: '' }),
  readFile: (path: string) =>
    path in files ? Promise.resolve(files[path]!) : Promise.reject(Object.assign(new Error(path), { code: 'ENOENT' })),
})
const files = {
  '/proc/stat': 'cpu 1\nbtime 1000\n',
  '/proc/1/stat': stat('a) b', { user: 100, system: 50, start: 300, pages: 2 }),
  '/proc/2/stat': stat('c', { user: 1, start: 200, pages: 1 }),
}

it('processes are summed up, whatever they are called, without those that have gone', async () => {
  expect(await processUse(hostWith(files), ['1', '2', '3'])).toEqual({ cpu: 1.51e9, rss: 12_288, startedAt: 1_002_000 })
  expect(await processUse(hostWith(files), ['3'])).toBeUndefined()
})

it.each(['ESRCH', 'ENODEV'])('one that goes while it is read has gone (%s)', async (code) => {
  const host = hostWith(files)
  const readFile = (path: string) =>
    path === '/proc/2/stat' ? Promise.reject(Object.assign(new Error(path), { code })) : host.readFile(path)
  expect(await processUse({ ...host, readFile }, ['1', '2'])).toMatchObject({ rss: 8192 })
  const refused = () => Promise.reject(Object.assign(new Error('refused'), { code: 'EACCES' }))
  await expect(processUse({ ...host, readFile: refused }, ['1'])).rejects.toThrow('refused')
})

it('the engine is whatever is found of it', async () => {
  expect(await engineProcesses(hostWith(files, '2\n'))).toMatchObject({ rss: 4096 })
  expect(await engineProcesses(hostWith(files))).toBeUndefined()
})
