const NO_FILE = 'no such file or directory'
const DENIED = 'permission denied'

/** How crun says why something cannot begin, and what runc says of the same: documents quote it, and users search for it. */
const causes: ReadonlyArray<readonly [RegExp, (path: string, place: string) => string]> = [
  [
    /executable file `([^`]*)` not found in \$PATH: No such file or directory/,
    (name) => `exec: "${name}": executable file not found in $PATH`,
  ],
  [
    /executable file `([^`]*)` not found: No such file or directory/,
    (path) => `exec: "${path}": stat ${path}: ${NO_FILE}`,
  ],
  [/executable file `([^`]*)` not found(?: in \$PATH)?: Permission denied/, (path) => `exec: "${path}": ${DENIED}`],
  [
    /the path `([^`]*)` exists but it is not executable: Operation not permitted/,
    (path) => `exec: "${path}": ${DENIED}`,
  ],
  [
    /the path `([^`]*)` is not a regular file: Operation not permitted/,
    (path) => `exec: "${path}": is a directory: ${DENIED}`,
  ],
  [
    /chdir to `([^`]*)`: No such file or directory/,
    (path) => `chdir to cwd ("${path}") set in config.json failed: ${NO_FILE}`,
  ],
  [
    /mount `([^`]*)` to `([^`]*)`: Not a directory/,
    (path, place) => `error during container init: error mounting "${path}" to rootfs at "/${place}": not a directory`,
  ],
]

const starts: Readonly<Record<string, string>> = {
  'OCI runtime create failed: ': 'OCI runtime create failed: unable to start container process: ',
  'OCI runtime exec failed: ': 'OCI runtime exec failed: exec failed: unable to start container process: ',
}

/** The engine's words for a container or a command that cannot begin, with its runtime's part as runc would have it. Others stay as they are. */
export function runtimeWords(words: string): string {
  for (const [start, told] of Object.entries(starts)) {
    const at = words.indexOf(start)
    if (at < 0) continue
    const cause = words.slice(at + start.length)
    const ours = causes.find(([said]) => said.test(cause))
    if (ours)
      return (
        words.slice(0, at) + told + cause.replace(ours[0], (_, path: string, place: string) => ours[1](path, place))
      )
  }
  return words
}

/** How the engine tells in a command's own output that the command could not begin. */
const refused = Buffer.from('OCI runtime exec failed: ')

/** {@link runtimeWords} of what a command put out first, if that is the engine's. */
export const firstOutput = (chunk: Buffer): Buffer =>
  chunk.subarray(0, refused.length).equals(refused) ? Buffer.from(runtimeWords(chunk.toString())) : chunk

/** What crun puts into the log of a container whose program the kernel refuses, as one of another processor: by then the container is said to run. */
const REFUSED_PROGRAM =
  /\{"msg":"exec container process (?:\(missing dynamic library\?\) )?`([^`]*)`: ([^"]*)","level":"error","time":"[^"]*"\}/
/** Bytes within which that begins, if it does: after the time, where one was asked for. */
const LONGEST_TIME = 40

/** What a log begins with, that its program was refused as runc says it. */
export function startOfLog(chunk: Buffer): Buffer {
  const at = chunk.subarray(0, LONGEST_TIME).indexOf('{"msg":"')
  if (at < 0) return chunk
  const words = chunk.toString()
  const told = words.replace(REFUSED_PROGRAM, (_, path: string, why: string) => `exec ${path}: ${why.toLowerCase()}`)
  return told === words ? chunk : Buffer.from(told)
}
