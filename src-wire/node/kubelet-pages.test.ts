import { expect, it } from 'vitest'
import type { NodeServices } from './pod-streams.ts'
import { localStreams } from '../testing/local-streams.ts'
import { kubeletPage } from './kubelet-pages.ts'

const page = (path: string, of: NodeServices) => kubeletPage(new URL(path, 'https://node'), of)

const node = localStreams({
  config: () => Promise.resolve({ kubeletconfig: {} }),
  log: (path) => Promise.resolve(path === 'a b' ? { contentType: 'text/plain', text: 'words' } : undefined),
})

it('the kubelet shows its configuration and the logs of its node', async () => {
  expect(await page('/configz', node)).toEqual({ contentType: 'application/json', text: '{"kubeletconfig":{}}' })
  expect((await page('/logs/a%20b', node)).text).toBe('words')
})

it('what there is not is not found, and what is no path is refused', async () => {
  for (const path of ['/logs/', '/logs/none', '/checkpoint/ns/p/c', '/configuration'])
    await expect(page(path, node)).rejects.toMatchObject({ code: 404 })
  await expect(page('/logs/%zz', node)).rejects.toMatchObject({ code: 400 })
  await expect(page('/configz', localStreams({}))).rejects.toMatchObject({ code: 404 })
  await expect(page('/logs', localStreams({}))).rejects.toMatchObject({ code: 404 })
})

it.each([
  ['/stats/summary', false],
  ['/stats/summary?only_cpu_and_memory=true', true],
  ['/stats/summary/?only_cpu_and_memory=1', true],
  ['/stats/summary?only_cpu_and_memory=false', false],
])('%s asks for processors and memory alone: %s', async (path, expected) => {
  const asked: unknown[] = []
  const statsSummary: NodeServices['statsSummary'] = (of) => Promise.resolve(asked.push(of?.onlyCpuAndMemory))
  await page(path, localStreams({ statsSummary }))
  expect(asked).toEqual([expected])
})
