import { expect, it } from 'vitest'
import { groupDetails } from './control-group-details.ts'

const readerOf = (files: Record<string, string>) => (path: string) =>
  path in files ? Promise.resolve(files[path]!) : Promise.reject(Object.assign(new Error(path), { code: 'ENOENT' }))
const ROOT = '/sys/fs/cgroup'

it('the second version of control groups tells all in one group', async () => {
  const at = (file: string): string => `${ROOT}/docker/c/${file}`
  const files = {
    [at('cpu.stat')]:
      'usage_usec 9\nuser_usec 5\nsystem_usec 4\nnr_periods 7\nnr_throttled 3\nthrottled_usec 2\nnr_bursts 1\n',
    [at('memory.stat')]: 'anon 1\nfile 300\nfile_mapped 30\n',
    [at('memory.swap.current')]: '8\n',
    [at('memory.peak')]: '900\n',
    [at('memory.events')]: 'low 0\noom 2\noom_kill 1\n',
    [at('io.stat')]: '8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=9 dios=9\n8:16 rbytes=5 wbytes=5 rios=5 wios=5\n',
  }
  expect(await groupDetails(readerOf(files), '/docker/c')).toEqual({
    user: 5000,
    system: 4000,
    periods: 7,
    throttledPeriods: 3,
    throttled: 2000,
    cache: 300,
    swap: 8,
    mapped: 30,
    peak: 900,
    oomKills: 1,
    readBytes: 15,
    writtenBytes: 25,
    reads: 6,
    writes: 7,
  })
})

it('the first version tells it in a group of each controller; what it does not tell is nothing', async () => {
  const at = (controller: string, file: string): string => `${ROOT}/${controller}/docker/c/${file}`
  const files = {
    [at('cpu', 'cpu.stat')]: 'nr_periods 7\nnr_throttled 3\nthrottled_time 2000\n',
    [at('cpuacct', 'cpuacct.stat')]: 'user 5\nsystem 4\n',
    [at('memory', 'memory.stat')]: 'cache 1\ntotal_cache 300\ntotal_mapped_file 30\n',
    [at('memory', 'memory.max_usage_in_bytes')]: '900\n',
    [at('blkio', 'blkio.throttle.io_service_bytes')]: '8:0 Read 10\n8:0 Write 20\n8:0 Total 30\nTotal 30\n',
    [at('blkio', 'blkio.throttle.io_serviced')]: '8:0 Read 1\n8:0 Write 2\n',
  }
  expect(await groupDetails(readerOf(files), '/docker/c')).toEqual({
    user: 50_000_000,
    system: 40_000_000,
    periods: 7,
    throttledPeriods: 3,
    throttled: 2000,
    cache: 300,
    swap: 0,
    mapped: 30,
    peak: 900,
    oomKills: 0,
    readBytes: 10,
    writtenBytes: 20,
    reads: 1,
    writes: 2,
  })
  expect(await groupDetails(readerOf({}), '/docker/c')).toBeUndefined()
})
