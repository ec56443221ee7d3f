import type { HostProgram } from '../../cluster/detached-host.ts'

/** This command line, as it was started. */
export const thisProgram = (): HostProgram => ({
  command: process.execPath,
  args: [...process.execArgv, process.argv[1]!],
})
