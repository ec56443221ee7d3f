import { parseArgs } from 'node:util'
import { UserError } from '../cluster/user-error.ts'
import { terminalOutput } from './output.ts'
import type { Flags, Verb } from './verb.ts'
import { down } from './verbs/down.ts'
import { image } from './verbs/image.ts'
import { kubeconfig } from './verbs/kubeconfig.ts'
import { node } from './verbs/node.ts'
import { status } from './verbs/status.ts'
import { tellFailure, up } from './verbs/up.ts'
import { version } from './verbs/version.ts'

const verbs: Record<string, Verb> = { up, down, status, kubeconfig, node, image, version }

const options = {
  name: { type: 'string', default: 'drydock' },
  data: { type: 'string' },
  json: { type: 'boolean', default: false },
  nodes: { type: 'string' },
  port: { type: 'string' },
  detach: { type: 'boolean', default: false },
  delete: { type: 'boolean', default: false },
  stop: { type: 'boolean', default: false },
  merge: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false, short: 'h' },
} as const

const COMMON = new Set(['name', 'data', 'json', 'help'])

function usage(): string {
  const lines = Object.values(verbs).map((verb) => `  drydock ${verb.usage.padEnd(40)} ${verb.summary}`)
  return [
    'Runs Kubernetes-compatible clusters on this machine.',
    '',
    ...lines,
    '',
    'Every verb takes --name CLUSTER (default drydock), --data DIR and --json.',
  ].join('\n')
}

/** Parses the command line; a `UserError` names the word that does not belong there. */
function parse(argv: string[]): { verb: Verb | undefined; args: string[]; flags: Flags; help: boolean } {
  const { values, positionals, tokens } = readArguments(argv)
  const [word, ...args] = positionals
  const verb = word === undefined ? undefined : verbs[word]
  if (word !== undefined && !verb)
    throw new UserError(`"${word}" is no verb of drydock.`, 'Run `drydock --help` for the list.')
  for (const token of tokens) {
    const foreign =
      token.kind === 'option' && !COMMON.has(token.name) && !verb?.flags.includes(token.name as keyof Flags)
    if (foreign && verb)
      throw new UserError(`\`drydock ${word}\` takes no --${token.name}.`, `Usage: drydock ${verb.usage}`)
  }
  const { help, ...flags } = values
  return { verb, args, flags: flags as Flags, help }
}

function readArguments(argv: string[]) {
  try {
    return parseArgs({ args: argv, options, allowPositionals: true, tokens: true })
  } catch (cause) {
    throw new UserError((cause as Error).message, 'Run `drydock --help` for what it takes.', { cause })
  }
}

async function main(argv: string[]): Promise<void> {
  const { verb, args, flags, help } = parse(argv)
  if (help || !verb) {
    console.log(verb ? `drydock ${verb.usage}\n${verb.summary}` : usage())
    return
  }
  await verb.run(args, flags, terminalOutput(flags.json))
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  const known =
    error instanceof UserError
      ? error
      : new UserError(error instanceof Error ? (error.stack ?? error.message) : String(error))
  tellFailure(known)
  if (process.argv.includes('--json'))
    process.stdout.write(`${JSON.stringify({ error: known.message, remedy: known.remedy })}\n`)
  else console.error(known.describe())
  process.exit(1)
}
