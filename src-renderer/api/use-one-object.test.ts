import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { StatusError } from '../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { views } from '../kinds/index.ts'
import type { Kube } from './kube.ts'
import { useOneObject } from './use-one-object.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const secrets = views.find(({ id }) => id === 'secrets')!

/** What the server answers by path: a revision, a refusal, or that there is none. */
function setup(answers: Record<string, number | StatusError>) {
  const asked: string[] = []
  const kube = partial<Kube>({
    cluster: 'c',
    get: (path: string) => {
      asked.push(path)
      const answer = answers[path] ?? new StatusError(404, 'NotFound', 'not found')
      return typeof answer === 'number'
        ? Promise.resolve(partial<KubeObject>({ metadata: { name: 'x', resourceVersion: String(answer) } }))
        : Promise.reject(answer)
    },
  })
  const key = ref('')
  const scope = effectScope()
  const one = scope.run(() => useOneObject(kube, secrets, () => key.value))!
  const open = async (name: string): Promise<void> => {
    key.value = name
    await nextTick()
    await vi.advanceTimersByTimeAsync(0)
  }
  return { asked, answers, one, open, scope, revision: () => one.object.value?.metadata.resourceVersion }
}

const path = '/api/v1/namespaces/shop/secrets/login'

it('asks for an object by its name, and again as long as it is looked at', async () => {
  const { asked, answers, one, open, scope, revision } = setup({ [path]: 1 })
  expect([asked, one.isAsking.value]).toEqual([[], false])
  await open('shop/login')
  expect([revision(), one.isAsking.value]).toEqual(['1', false])
  answers[path] = 2
  await vi.advanceTimersByTimeAsync(5000)
  expect(revision()).toBe('2')
  await open('')
  await vi.advanceTimersByTimeAsync(60_000)
  expect([asked.length, one.object.value]).toEqual([2, undefined])
  scope.stop()
  expect(vi.getTimerCount()).toBe(0)
})

it('tells why it may not be read, which is another thing than not being there', async () => {
  const { answers, one, open, scope, revision } = setup({
    [path]: new StatusError(403, 'Forbidden', 'secrets "login" is forbidden'),
  })
  await open('shop/login')
  expect([one.error.value, one.isAsking.value]).toEqual(['secrets "login" is forbidden', false])
  await open('shop/other')
  expect([one.error.value, one.object.value]).toEqual(['', undefined])
  answers[path] = 1
  await open('shop/login')
  answers[path] = new StatusError(500, 'InternalError', 'no answer')
  await vi.advanceTimersByTimeAsync(5000)
  expect([revision(), one.error.value]).toEqual(['1', 'no answer'])
  scope.stop()
})
