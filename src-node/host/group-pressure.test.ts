import { expect, it } from 'vitest'
import { groupPressure } from './group-pressure.ts'

const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }))

it('a group tells how long its processes waited, some and all', async () => {
  const some = 'some avg10=1.00 avg60=0.50 avg300=0.10 total=1500\n'
  const files: Record<string, string> = {
    cpu: some,
    memory: `${some}full avg10=0.00 avg60=0.00 avg300=0.00 total=20\n`,
  }
  const read = (path: string): Promise<string> => {
    const [, kind = ''] = /^\/sys\/fs\/cgroup\/kubepods\/a\/(\w+)\.pressure$/.exec(path) ?? []
    return kind in files ? Promise.resolve(files[kind]!) : failing('ENOENT')()
  }
  const none = { total: 0, avg10: 0, avg60: 0, avg300: 0 }
  const waiting = { total: 1_500_000, avg10: 1, avg60: 0.5, avg300: 0.1 }
  expect(await groupPressure(read, '/kubepods/a')).toEqual({
    cpu: { waiting, stalled: none },
    memory: { waiting, stalled: { ...none, total: 20_000 } },
  })
})

it.each(['ENOENT', 'EOPNOTSUPP'])('a kernel that keeps no count tells nothing: %s', async (code) => {
  expect(await groupPressure(failing(code), '/a')).toEqual({})
})

it('another failure is none of these', async () => {
  await expect(groupPressure(failing('EACCES'), '/a')).rejects.toThrow('EACCES')
})
