import { expect, it } from 'vitest'
import { endTogether } from './oom-group.ts'

function arrange(cgroup: string | undefined, fails?: string) {
  const written: string[] = []
  const failure = (code: string) => Promise.reject(Object.assign(new Error(code), { code }))
  const host = {
    readFile: () => (cgroup === undefined ? failure('ENOENT') : Promise.resolve(cgroup)),
    writeFile: (path: string, text: string) =>
      fails ? failure(fails) : Promise.resolve(void written.push(`${path} ${text}`)),
  }
  return { host, written }
}

it('the processes of a container end together', async () => {
  const { host, written } = arrange('0::/docker/abc\n')
  await endTogether(host, 7)
  expect(written).toEqual(['/sys/fs/cgroup/docker/abc/memory.oom.group 1'])
})

it.each([
  ['of the first version', '5:memory:/docker/abc\n'],
  ['outside of the node', '0::/../abc\n'],
  ['of a container that is gone', undefined],
])('a group %s is left alone', async (_, cgroup) => {
  const { host, written } = arrange(cgroup)
  await endTogether(host, 7)
  expect(written).toEqual([])
})

it('a group that goes meanwhile is none, one that cannot be written is an error', async () => {
  await endTogether(arrange('0::/a\n', 'ENOENT').host, 7)
  await expect(endTogether(arrange('0::/a\n', 'EROFS').host, 7)).rejects.toThrow('EROFS')
})
