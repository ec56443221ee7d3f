import { expect, it } from 'vitest'
import { localStreams } from '../testing/local-streams.ts'
import { kubeletPage } from './kubelet-pages.ts'

const node = localStreams({
  config: () => Promise.resolve({ kubeletconfig: {} }),
  log: (path) => Promise.resolve(path === 'a b' ? { contentType: 'text/plain', text: 'words' } : undefined),
})

it('the kubelet shows its configuration and the logs of its node', async () => {
  expect(await kubeletPage('/configz', node)).toEqual({ contentType: 'application/json', text: '{"kubeletconfig":{}}' })
  expect((await kubeletPage('/logs/a%20b', node)).text).toBe('words')
})

it('what there is not is not found, and what is no path is refused', async () => {
  for (const path of ['/logs/', '/logs/none', '/checkpoint/ns/p/c', '/configuration'])
    await expect(kubeletPage(path, node)).rejects.toMatchObject({ code: 404 })
  await expect(kubeletPage('/logs/%zz', node)).rejects.toMatchObject({ code: 400 })
  await expect(kubeletPage('/configz', localStreams({}))).rejects.toMatchObject({ code: 404 })
  await expect(kubeletPage('/logs', localStreams({}))).rejects.toMatchObject({ code: 404 })
})
