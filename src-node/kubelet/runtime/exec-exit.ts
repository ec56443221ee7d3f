import type Docker from 'dockerode'

/** Milliseconds before the second look; each further one waits twice as long. */
const FIRST_WAIT = 5
const LOOKS = 10
/** Of what went without a word, as of a process that was killed. */
const KILLED = 137

/**
 * The exit code of a command whose output has ended. The engine may note the end a moment after the output's and tells of it by no
 * event of the command alone: it is asked for up to two and a half seconds.
 */
export async function exitCodeOf(exec: Pick<Docker.Exec, 'inspect'>): Promise<number> {
  for (let look = 0, wait = FIRST_WAIT; look < LOOKS; look++, wait *= 2) {
    const { Running, ExitCode } = await exec.inspect()
    if (!Running && ExitCode !== null) return ExitCode
    await new Promise((resolve) => setTimeout(resolve, wait))
  }
  return KILLED
}
