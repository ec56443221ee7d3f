import { execFile } from 'node:child_process'
import { UserError } from '../../cluster/user-error.ts'
import { environmentFor } from './environment.ts'

/** `v1.36.0`, as kubectl says it of itself. Rejects with a {@link UserError} when it is none. */
export function versionOf(program: string): Promise<string> {
  const options = { timeout: 10_000, windowsHide: true, env: environmentFor('') }
  return new Promise((done, fail) => {
    execFile(program, ['version', '--client', '-o', 'json'], options, (error, stdout) => {
      const version = /"gitVersion":\s*"([^"]+)"/.exec(stdout)?.[1]
      if (version) done(version)
      else
        fail(
          new UserError(`${program} does not say its version as kubectl does.`, 'Install kubectl anew.', {
            cause: error,
          }),
        )
    })
  })
}
