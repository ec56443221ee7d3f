import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { runningIn, standingOf, streamPath } from './terminal-request.ts'

const pod = {
  spec: {
    containers: [{ name: 'web' }, { name: 'game', stdin: true, tty: true }],
    ephemeralContainers: [{ name: 'debugger', stdin: true, tty: true }],
  },
  status: {
    containerStatuses: [
      { name: 'web', state: { running: {} } },
      { name: 'game', state: { terminated: { reason: 'Error', exitCode: 1 } } },
    ],
    ephemeralContainerStatuses: [
      { name: 'debugger', state: { waiting: { reason: 'ErrImagePull', message: 'no such image' } } },
    ],
  },
} as unknown as KubeObject

const query = (path: string): URLSearchParams => new URL(path, 'http://x').searchParams

it('runs a command in a terminal of its own', () => {
  const path = streamPath({ namespace: 'shop', pod: 'a', container: 'web', program: 'bash -l' }, pod)
  expect(path).toMatch(/^\/api\/v1\/namespaces\/shop\/pods\/a\/exec\?/)
  expect(query(path).getAll('command')).toEqual(['bash', '-l'])
  expect(Object.fromEntries(query(path))).toMatchObject({
    container: 'web',
    stdin: 'true',
    tty: 'true',
    stderr: 'false',
  })
})

it('joins a process with a terminal and input only where it has them', () => {
  const [plain, game] = ['web', 'game'].map((container) =>
    streamPath({ namespace: 'shop', pod: 'a', container, attach: true }, pod),
  )
  expect(plain).toContain('/pods/a/attach?')
  expect(Object.fromEntries(query(plain!))).toEqual({
    container: 'web',
    stdin: 'false',
    stdout: 'true',
    stderr: 'true',
    tty: 'false',
  })
  expect(Object.fromEntries(query(game!))).toMatchObject({ stdin: 'true', tty: 'true', stderr: 'false' })
})

it('tells which containers run, and why the others do not', () => {
  expect(runningIn(pod)).toEqual(['web'])
  expect(['web', 'game', 'debugger', 'new'].map((name) => standingOf(pod, name))).toEqual([
    { state: 'running' },
    { state: 'terminated', words: 'Error' },
    { state: 'waiting', words: 'ErrImagePull: no such image' },
    { state: 'unknown', words: '' },
  ])
})
