import { describe, expect, it } from 'vitest'
import { firstOutput, runtimeWords, startOfLog } from './runtime-words.ts'

const TASK = 'failed to create task for container: failed to create shim task: OCI runtime create failed: '
const EXEC = 'OCI runtime exec failed: '

it.each([
  [
    `${TASK}executable file \`nope\` not found in $PATH: No such file or directory: unknown`,
    `${TASK}unable to start container process: exec: "nope": executable file not found in $PATH: unknown`,
  ],
  [
    `${TASK}mount \`/run/file\` to \`etc/dir\`: Not a directory: unknown: Are you trying to mount a directory onto a file?`,
    `${TASK}unable to start container process: error during container init: error mounting "/run/file" to rootfs at "/etc/dir": not a directory: unknown: Are you trying to mount a directory onto a file?`,
  ],
  [
    `${EXEC}executable file \`/nope\` not found: No such file or directory: unknown`,
    `${EXEC}exec failed: unable to start container process: exec: "/nope": stat /nope: no such file or directory: unknown`,
  ],
  [
    `${EXEC}the path \`/etc\` is not a regular file: Operation not permitted: unknown`,
    `${EXEC}exec failed: unable to start container process: exec: "/etc": is a directory: permission denied: unknown`,
  ],
  [
    `${EXEC}executable file \`/a\` not found: Permission denied: unknown`,
    `${EXEC}exec failed: unable to start container process: exec: "/a": permission denied: unknown`,
  ],
  [
    `${TASK}the path \`/bin/a\` exists but it is not executable: Operation not permitted: unknown`,
    `${TASK}unable to start container process: exec: "/bin/a": permission denied: unknown`,
  ],
  [
    `${EXEC}chdir to \`/nope\`: No such file or directory: unknown`,
    `${EXEC}exec failed: unable to start container process: chdir to cwd ("/nope") set in config.json failed: no such file or directory: unknown`,
  ],
])('%s is told as by runc', (words, told) => {
  expect(runtimeWords(words)).toBe(told)
})

it.each(['socket hang up', `${TASK}runc create failed: exec: "nope"`, 'executable file `a` not found in $PATH'])(
  'left alone: %s',
  (words) => expect(runtimeWords(words)).toBe(words),
)

it('is said for a command in its own output, which is left alone else', () => {
  const refusal = `${EXEC}executable file \`a\` not found in $PATH: No such file or directory: unknown\r\n`
  expect(firstOutput(Buffer.from(refusal)).toString()).toBe(
    `${EXEC}exec failed: unable to start container process: exec: "a": executable file not found in $PATH: unknown\r\n`,
  )
  const own = Buffer.from([0xff, 0x00, 0x4f])
  expect(firstOutput(own)).toBe(own)
})

describe('the start of a log', () => {
  const line = (said: string) =>
    `{"msg":"exec container process ${said}","level":"error","time":"2026-11-22T22:44:12.5Z"}\n`

  it.each([
    ['`/bin/a`: Exec format error', 'exec /bin/a: exec format error\n'],
    ['(missing dynamic library?) `/bin/a`: No such file or directory', 'exec /bin/a: no such file or directory\n'],
  ])('says why the program was refused: %s', (said, told) => {
    expect(startOfLog(Buffer.from(line(said))).toString()).toBe(told)
    const time = '2026-11-22T22:44:12.522177123Z '
    expect(startOfLog(Buffer.from(time + line(said))).toString()).toBe(time + told)
  })

  it.each([Buffer.from('{"msg":"hello","level":"error"}\n'), Buffer.from([0xff, 0x7b]), Buffer.alloc(0)])(
    'is left alone else',
    (own) => expect(startOfLog(own)).toBe(own),
  )
})
