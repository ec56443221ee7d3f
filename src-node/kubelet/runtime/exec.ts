import type Docker from 'dockerode'
import { PassThrough } from 'node:stream'

/** Bytes of output that are kept of a probe or hook. */
const MOST_OUTPUT = 10_240

/** Runs a command in a container to its end; 124 when it takes too long. */
export async function execInContainer(
  docker: Docker,
  id: string,
  command: string[],
  timeout: number,
): Promise<{ exitCode: number; output: string }> {
  const exec = await docker.getContainer(id).exec({ Cmd: command, AttachStdout: true, AttachStderr: true })
  const stream = await exec.start({ hijack: true, stdin: false })
  const merged = new PassThrough()
  docker.modem.demuxStream(stream, merged, merged)
  let output = ''
  merged.on('data', (chunk: Buffer) => {
    if (output.length < MOST_OUTPUT) output += chunk.toString('utf8')
  })
  const ended = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), timeout)
    const done = (): void => {
      clearTimeout(timer)
      resolve(true)
    }
    stream.once('end', done)
    stream.once('close', done)
    stream.once('error', done)
  })
  if (!ended) {
    ;(stream as unknown as { destroy(): void }).destroy()
    return { exitCode: 124, output: `command timed out after ${timeout / 1000}s` }
  }
  const { ExitCode } = await exec.inspect()
  return { exitCode: ExitCode ?? -1, output }
}
