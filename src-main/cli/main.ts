import { parseArgs } from 'node:util'
import { outliveFullDisk } from '../../src-wire/outlive-full-disk.ts'
import { nearest } from '../cluster/nearest.ts'
import { UserError } from '../cluster/user-error.ts'
import { terminalOutput } from './output.ts'
import type { Flags, Verb } from './verb.ts'
import { down } from './verbs/down.ts'
import { image } from './verbs/image.ts'
import { kubeconfig } from './verbs/kubeconfig.ts'
import { node } from './verbs/node.ts'
import { snapshot } from './verbs/snapshot.ts'
import { status } from './verbs/status.ts'
import { tellFailure } from './host/waiting-process.ts'
import { up } from './verbs/up.ts'
import { version } from './verbs/version.ts'

const verbs: Record<string, Verb> = { up, down, status, kubeconfig, node, image, snapshot, version }

const options = {
  name: { type: 'string', default: 'drydock' },
  data: { type: 'string' },
  json: { type: 'boolean', default: false },
  nodes: { type: 'string' },
  port: { type: 'string' },
  'proxy-mode': { type: 'string' },
  'ipvs-scheduler': { type: 'string' },
  'flannel-backend': { type: 'string' },
  'etcd-servers': { type: 'string' },
  'etcd-cafile': { type: 'string' },
  'etcd-certfile': { type: 'string' },
  'etcd-keyfile': { type: 'string' },
  'etcd-prefix': { type: 'string' },
  'keys-from': { type: 'string' },
  detach: { type: 'boolean', default: false },
  delete: { type: 'boolean', default: false },
  stop: { type: 'boolean', default: false },
  merge: { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false, short: 'h' },
} as const

const common = new Set(['name', 'data', 'json', 'help'])

/** Verbs that take words beside options. */
const takesArguments = new Set(['node', 'image', 'snapshot'])

function meant(typed: string, words: readonly string[]): string {
  const word = nearest(typed, words)
  return word ? `Did you mean "${word}"? ` : ''
}

function usage(): string {
  const lines = Object.values(verbs).map((verb) => `  drydock ${verb.usage.padEnd(44)} ${verb.summary}`)
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
  const verb = word !== undefined && Object.hasOwn(verbs, word) ? verbs[word] : undefined
  if (word !== undefined && !verb)
    throw new UserError(
      `"${word}" is no verb of drydock.`,
      `${meant(word, Object.keys(verbs))}Run \`drydock --help\` for the list.`,
    )
  if (verb && args.length > 0 && !takesArguments.has(word!))
    throw new UserError(`\`drydock ${word}\` takes no "${args[0]}".`, `Usage: drydock ${verb.usage}`)
  for (const token of tokens) {
    const foreign =
      token.kind === 'option' && !common.has(token.name) && !verb?.flags.includes(token.name as keyof Flags)
    if (foreign && verb)
      throw new UserError(`\`drydock ${word}\` takes no --${token.name}.`, `Usage: drydock ${verb.usage}`)
  }
  const { help, ...flags } = values
  return { verb, args, flags: flags as Flags, help }
}

function readArguments(argv: string[]) {
  const { tokens } = parseArgs({ args: argv, options, allowPositionals: true, tokens: true, strict: false })
  for (const token of tokens) {
    if (token.kind !== 'option' || token.name in options) continue
    const flags = Object.keys(options).map((name) => `--${name}`)
    throw new UserError(
      `${token.rawName} is no option of drydock.`,
      `${meant(token.rawName, flags)}Run \`drydock --help\` for the list.`,
    )
  }
  try {
    return parseArgs({ args: argv, options, allowPositionals: true, tokens: true })
  } catch (cause) {
    // Node's own words go on about positional arguments: the first sentence is what happened.
    const [sentence] = (cause as Error).message.split(/[.\n](?:\s|$)/)
    throw new UserError(`${sentence}.`, 'Run `drydock --help` for what it takes.', { cause })
  }
}

async function main(argv: string[]): Promise<void> {
  const { verb, args, flags, help } = parse(argv)
  if (help || !verb) {
    console.log(verb ? [`drydock ${verb.usage}`, verb.summary, ...(verb.details ?? [])].join('\n') : usage())
    return
  }
  await verb.run(args, flags, terminalOutput(flags.json))
}

outliveFullDisk()
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
