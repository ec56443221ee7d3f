import { PassThrough } from 'node:stream'
import type Docker from 'dockerode'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { exitCodeOf } from './exec-exit.ts'
import { execInContainer } from './exec.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

function frame(type: number, words: string): Buffer {
  const head = Buffer.alloc(8)
  head[0] = type
  head.writeUInt32BE(Buffer.byteLength(words), 4)
  return Buffer.concat([head, Buffer.from(words)])
}

/** A command that says what its stream says and whose end the engine notes at the look of that number. */
function commandOf(stream: PassThrough, exitCode: number, notedAt = 0) {
  let looks = 0
  const exec = {
    start: () => Promise.resolve(stream),
    inspect: () =>
      Promise.resolve(
        looks++ >= notedAt ? { Running: false, ExitCode: exitCode } : { Running: true, ExitCode: null, Pid: 4321 },
      ),
  }
  return { exec, docker: partial<Docker>({ getContainer: () => ({ exec: () => Promise.resolve(exec) }) }) }
}

describe('a command of a probe or hook', () => {
  it('answers with its exit code and what it said on both streams', async () => {
    const stream = new PassThrough()
    const { docker } = commandOf(stream, 3)
    stream.write(frame(1, 'one '))
    stream.end(frame(2, 'two'))
    expect(await execInContainer(docker, 'a', ['x'], 1000)).toEqual({ exitCode: 3, output: 'one two' })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('keeps the start of what it said', async () => {
    const stream = new PassThrough()
    const { docker } = commandOf(stream, 0)
    for (let i = 0; i < 30; i++) stream.write(frame(1, 'é'.repeat(500)))
    stream.end()
    expect((await execInContainer(docker, 'a', ['x'], 1000)).output).toBe('é'.repeat(5120))
  })

  it('that cannot begin is told of in the words that clusters know', async () => {
    const stream = new PassThrough()
    const { docker } = commandOf(stream, 126)
    stream.end(
      frame(
        1,
        'OCI runtime exec failed: executable file `x` not found in $PATH: No such file or directory: unknown\r\n',
      ),
    )
    const { output } = await execInContainer(docker, 'a', ['x'], 1000)
    expect(output).toBe(
      'OCI runtime exec failed: exec failed: unable to start container process: exec: "x": executable file not found in $PATH: unknown\r\n',
    )
  })

  it('is given up when it takes too long', async () => {
    const stream = new PassThrough()
    const running = execInContainer(commandOf(stream, 0).docker, 'a', ['sleep', '9'], 1500)
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1))
    await vi.advanceTimersByTimeAsync(1500)
    expect(await running).toEqual({ exitCode: 124, output: 'command timed out: "sleep 9" timed out after 1.5s' })
    expect(stream.destroyed).toBe(true)
  })
})

it.each([undefined, 'ESRCH'])('a command that takes too long is killed, if it is still there (%s)', async (code) => {
  const error = Object.assign(new Error('gone'), { code })
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
    if (code) throw error
    return true
  })
  const running = execInContainer(commandOf(new PassThrough(), 0, 99).docker, 'a', ['x'], 1500)
  await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1))
  await vi.advanceTimersByTimeAsync(1500)
  expect((await running).exitCode).toBe(124)
  expect(kill).toHaveBeenCalledWith(4321, 'SIGKILL')
  kill.mockRestore()
})

describe('the exit code', () => {
  it('is waited for when the engine notes it late', async () => {
    const code = exitCodeOf(partial<Docker.Exec>(commandOf(new PassThrough(), 7, 3).exec))
    await vi.runAllTimersAsync()
    expect(await code).toBe(7)
  })

  it('is that of a killed process where the engine never does', async () => {
    const code = exitCodeOf(partial<Docker.Exec>(commandOf(new PassThrough(), 7, 99).exec))
    await vi.runAllTimersAsync()
    expect(await code).toBe(137)
  })
})
