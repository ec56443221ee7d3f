import { expect, it } from 'vitest'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { Host } from '../host/index.ts'
import { podPidsLimit, readConfiguration } from './configuration.ts'

function read(text: string | undefined) {
  const logged: string[] = []
  const host = partial<Host>({
    readFile: (path: string) =>
      text === undefined ? Promise.reject(Object.assign(new Error(path), { code: 'ENOENT' })) : Promise.resolve(text),
  })
  const log = (words: string): void => void logged.push(words)
  return readConfiguration({ host, stateDirectory: '/state', log }, podPidsLimit).then((limit) => ({ limit, logged }))
}

it.each([
  ['podPidsLimit: 100', 100],
  ['podPidsLimit: -1', undefined],
  ['podPidsLimit: 0', undefined],
  ['maxPods: 5', undefined],
  ['', undefined],
  [undefined, undefined],
])('of the configuration %j pods may have %s processes', async (text, limit) => {
  expect(await read(text)).toEqual({ limit, logged: [] })
})

it('what cannot be meant is told of and limits nothing', async () => {
  expect(await read('podPidsLimit: many')).toEqual({
    limit: undefined,
    logged: ['/state/config.yaml: Error: podPidsLimit: "many" is no whole number'],
  })
})
