import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { dirname, extname, resolve } from 'node:path'
import type { Completion } from '../../../src-wire/gateway/kubectl.ts'
import { UserError } from '../../cluster/user-error.ts'
import { home, withKubeconfig, type Place } from './environment.ts'
import type { FoundProgram } from './programs.ts'

/** Milliseconds after which nobody waits for a word any more. */
const LONGEST = 5000
/** Candidates that are told; a cluster may have a hundred thousand pods. */
const MOST = 500

/** What both add to its candidates, as bits (github.com/spf13/cobra, "Shell completions"). */
const directive = { noSpace: 2, noFiles: 4, ofExtensions: 8, folders: 16 } as const

/** Asks the program itself what could stand in place of the last of the words. */
export async function complete(program: FoundProgram, place: Place, words: readonly string[]): Promise<Completion> {
  const said = await withKubeconfig(place, (kubeconfig) => ask(program, words, kubeconfig))
  const { candidates, bits } = parseCompletion(said)
  const written = words.at(-1) ?? ''
  if ((bits & (directive.ofExtensions | directive.folders)) === 0) {
    const isOver = candidates.length > 0 || (bits & directive.noFiles) !== 0
    return isOver ? { candidates, goesOn: (bits & directive.noSpace) !== 0 } : filesFor(written, () => true)
  }
  const extensions = new Set(candidates.map(({ text }) => `.${text}`))
  return filesFor(written, (name) => (bits & directive.ofExtensions) !== 0 && extensions.has(extname(name)))
}

/** Lines of candidates with their descriptions behind a tab, at last a colon and the bits. */
function parseCompletion(said: string): Pick<Completion, 'candidates'> & { bits: number } {
  const lines = said.split('\n').filter((line) => line !== '')
  const last = lines.findLastIndex((line) => /^:\d+$/.test(line))
  const candidates = lines.slice(0, Math.max(0, last)).map((line) => {
    const [text = '', description = ''] = line.split('\t')
    return { text, description }
  })
  return {
    candidates: candidates.filter(({ text }) => !text.startsWith('_activeHelp_')).slice(0, MOST),
    bits: last < 0 ? 0 : Number(lines[last]!.slice(1)),
  }
}

function ask(program: FoundProgram, words: readonly string[], kubeconfig: string): Promise<string> {
  const options = {
    cwd: home(),
    env: program.environment(kubeconfig),
    timeout: LONGEST,
    maxBuffer: 8 << 20,
    windowsHide: true,
  }
  return new Promise((done, fail) => {
    const child = execFile(program.path, ['__complete', ...words], options, (error, stdout) => {
      if (error) fail(new UserError(`${program.name} did not say what could stand here.`, undefined, { cause: error }))
      else done(stdout)
    })
    child.stdin?.end()
  })
}

/** Files and folders of this machine whose path begins as it is written. */
async function filesFor(written: string, isWanted: (name: string) => boolean): Promise<Completion> {
  // Of `--flag=path` only the path is completed.
  const path = written.replace(/^--?[\w-]+=/, '')
  const folder =
    path.endsWith('/') || path === ''
      ? path
      : dirname(path) === '.' && !path.startsWith('.')
        ? ''
        : `${dirname(path)}/`.replace('//', '/')
  const begin = path.slice(folder.length)
  const entries = await readdir(resolve(home(), folder), { withFileTypes: true }).catch(() => [])
  const found = entries
    .filter(({ name }) => name.startsWith(begin) && (begin !== '' || !name.startsWith('.')))
    .flatMap((entry) =>
      entry.isDirectory() ? `${folder}${entry.name}/` : isWanted(entry.name) ? folder + entry.name : [],
    )
    .sort()
  const candidates = found.slice(0, MOST).map((text) => ({ text, description: '' }))
  return { candidates, goesOn: found.length === 1 && found[0]!.endsWith('/') }
}
