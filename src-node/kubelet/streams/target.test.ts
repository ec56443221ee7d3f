import { describe, expect, it } from 'vitest'
import type { Observed } from '../plan/observed.ts'
import { type FoundContainer, foundContainer, logContainer, runningContainer } from './target.ts'

const target = { namespace: 'default', pod: 'p', container: 'c' }
const at = (id: string, state: Observed['state']) => ({ id, state }) as Observed

describe('the attempts at a container', () => {
  it.each([
    [undefined, undefined, undefined, { id: '', state: 'waiting' }],
    [at('a', 'created'), undefined, 'ContainerCreating', { id: '', state: 'waiting', reason: 'ContainerCreating' }],
    [at('b', 'running'), at('a', 'exited'), undefined, { id: 'b', state: 'running', previousId: 'a' }],
    [at('b', 'exited'), at('a', 'exited'), undefined, { id: 'b', state: 'terminated', previousId: 'a' }],
    [at('a', 'exited'), undefined, undefined, { id: 'a', state: 'terminated' }],
    [
      at('b', 'exited'),
      at('a', 'exited'),
      'CrashLoopBackOff',
      { id: '', state: 'waiting', reason: 'CrashLoopBackOff', previousId: 'b' },
    ],
    [at('b', 'created'), at('a', 'exited'), undefined, { id: '', state: 'waiting', previousId: 'a' }],
  ])('%j after %j, waiting for %j', (last, previous, waiting, expected) =>
    expect(foundContainer({ last, previous }, waiting)).toEqual(expected),
  )
})

describe('whose log is meant', () => {
  const asked = (found: FoundContainer | undefined, previous = false) =>
    logContainer(() => Promise.resolve(found), target, previous)

  it.each<[FoundContainer, boolean, string]>([
    [{ id: 'b', state: 'running', previousId: 'a' }, false, 'b'],
    [{ id: 'b', state: 'running', previousId: 'a' }, true, 'a'],
    [{ id: 'b', state: 'terminated' }, false, 'b'],
    [{ id: '', state: 'waiting', reason: 'CrashLoopBackOff', previousId: 'a' }, false, 'a'],
    [{ id: '', state: 'waiting', reason: 'CrashLoopBackOff', previousId: 'a' }, true, 'a'],
  ])('of %j, previous %s: %s', async (found, previous, id) => expect(await asked(found, previous)).toBe(id))

  it.each<[FoundContainer | undefined, boolean, number, string]>([
    [undefined, false, 404, 'pods "p" not found'],
    [{ id: 'b', state: 'running' }, true, 400, 'previous terminated container "c" in pod "p" not found'],
    [{ id: '', state: 'waiting', refused: true }, true, 400, 'container "c" in pod "p" is not available'],
    [{ id: '', state: 'waiting' }, false, 400, 'container "c" in pod "p" is waiting to start: ContainerCreating'],
    [
      { id: '', state: 'waiting', reason: 'PodInitializing' },
      false,
      400,
      'container "c" in pod "p" is waiting to start: PodInitializing',
    ],
    [
      { id: '', state: 'waiting', reason: 'ErrImagePull' },
      false,
      400,
      'container "c" in pod "p" is waiting to start: image can\'t be pulled',
    ],
    [
      { id: '', state: 'waiting', reason: 'ImagePullBackOff' },
      false,
      400,
      'container "c" in pod "p" is waiting to start: trying and failing to pull image',
    ],
  ])('of %j, previous %s: %i %s', async (found, previous, code, message) => {
    await expect(asked(found, previous)).rejects.toMatchObject({ code, message })
  })
})

describe('where a command runs', () => {
  const asked = (found: FoundContainer | undefined) => runningContainer(() => Promise.resolve(found), target)

  it('is a container that runs', async () => {
    expect(await asked({ id: 'a', state: 'running' })).toBe('a')
    await expect(asked(undefined)).rejects.toMatchObject({ code: 404 })
    await expect(asked({ id: 'a', state: 'terminated' })).rejects.toMatchObject({
      code: 500,
      message: 'unable to upgrade connection: container not found ("c")',
    })
  })
})
