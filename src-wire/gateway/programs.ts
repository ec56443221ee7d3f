/** A program of the user's is not there: how to get it, or the file that a variable of the environment names, which cannot be run. */
export type MissingProgram = { command: string } | { named: string }
