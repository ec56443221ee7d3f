import type Docker from 'dockerode'
import { PassThrough } from 'node:stream'
import { demux } from '../streams/demux.ts'
import { exitCodeOf } from './exec-exit.ts'
import { firstOutput } from './runtime-words.ts'

/** Bytes of output that are kept of a probe or hook. */
const MOST_OUTPUT = 10_240
/** What `timeout` and upstream's runtimes answer for a command that took too long. */
const TIMED_OUT = 124

/** Runs a command in a container to its end; 124 when it takes longer than `timeout` milliseconds: then it is killed. */
export async function execInContainer(
  docker: Docker,
  id: string,
  command: string[],
  timeout: number,
): Promise<{ exitCode: number; output: string }> {
  const exec = await docker.getContainer(id).exec({ Cmd: command, AttachStdout: true, AttachStderr: true })
  const stream = await exec.start({ hijack: true, stdin: false })
  const merged = new PassThrough()
  demux(stream, { stdout: merged, stderr: merged })
  let hasTimedOut = false
  const timer = setTimeout(() => {
    hasTimedOut = true
    stream.destroy()
  }, timeout)
  const kept: Buffer[] = []
  let size = 0
  for await (const chunk of merged as AsyncIterable<Buffer>) {
    if (size < MOST_OUTPUT) kept.push(chunk)
    size += chunk.length
  }
  clearTimeout(timer)
  if (hasTimedOut) await killed(exec)
  if (hasTimedOut) {
    const words = `command timed out: ${JSON.stringify(command.join(' '))} timed out after ${timeout / 1000}s`
    return { exitCode: TIMED_OUT, output: words }
  }
  const output = firstOutput(Buffer.concat(kept)).toString('utf8', 0, MOST_OUTPUT)
  return { exitCode: await exitCodeOf(exec), output }
}

/** The engine ends no command whose caller has gone: one that hangs at each probe would be there once more at each. */
async function killed(exec: Docker.Exec): Promise<void> {
  const { Running, Pid } = await exec.inspect()
  if (!Running || Pid <= 0) return
  try {
    // The agent sees the processes of all containers of its node.
    process.kill(Pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
