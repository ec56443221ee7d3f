import { expect, it } from 'vitest'
import { effectScope } from 'vue'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { useTurn } from './use-turn.ts'

/** Locks as all windows of a browser share them: one holder a name, others in the order in which they came. */
function sharedLocks(): LockManager {
  const held = new Map<string, Promise<unknown>>()
  async function request(name: string, options: LockOptions, run: (lock: object | null) => Promise<unknown>) {
    if (options.ifAvailable && held.has(name)) return run(null)
    while (held.has(name)) await held.get(name)
    options.signal?.throwIfAborted()
    const done = run({ name }).finally(() => held.delete(name))
    held.set(name, done)
    return done
  }
  return partial<LockManager>({ request: request as LockManager['request'] })
}

const rest = (): Promise<void> => new Promise((done) => setImmediate(done))

function windowOf(locks: LockManager | undefined, begun: string[], name: string) {
  const scope = effectScope()
  const turn = scope.run(() => useTurn('forward', () => void begun.push(name), locks))!
  return { turn, close: () => scope.stop() }
}

it('one window begins, the next one when that is closed', async () => {
  const locks = sharedLocks()
  const begun: string[] = []
  const [first, second] = ['first', 'second'].map((name) => windowOf(locks, begun, name))
  await rest()
  expect(begun).toEqual(['first'])
  expect([first!.turn.isMine.value, second!.turn.isMine.value, second!.turn.isElsewhere.value]).toEqual([
    true,
    false,
    true,
  ])
  first!.close()
  await rest()
  expect(begun).toEqual(['first', 'second'])
  expect(second!.turn.isElsewhere.value).toBe(false)
})

it('a window that was closed while it waited begins nothing', async () => {
  const locks = sharedLocks()
  const begun: string[] = []
  const [first, second, third] = ['first', 'second', 'third'].map((name) => windowOf(locks, begun, name))
  await rest()
  second!.close()
  first!.close()
  await rest()
  expect(begun).toEqual(['first', 'third'])
  third!.close()
})

it('begins at once where a browser has no locks', () => {
  const begun: string[] = []
  windowOf(undefined, begun, 'only')
  expect(begun).toEqual(['only'])
})
