import type { CommandWish, CompletionWish } from '../../../src-wire/gateway/kubectl.ts'
import { NAMESPACE_FORM } from '../../../src-wire/gateway/helm.ts'
import { UserError } from '../../cluster/user-error.ts'

/** Letters of all words of a command together; Linux takes 128 KiB a word. */
const MOST_LETTERS = 1 << 17

/** A console's id, as the app makes it. */
export function checkConsole(id: unknown): asserts id is string {
  if (typeof id !== 'string' || !/^[\w-]{1,64}$/.test(id)) throw new UserError('That is no console.')
}

/** Refuses what is no command at all, and what would leave the cluster on screen or show its credentials. */
export function checkCommand({ program, words, filters, input, line, namespace }: CommandWish): void {
  checkWords(program, words, namespace)
  if (!Array.isArray(filters) || filters.length > 8 || !filters.every(isWords)) throw notACommand()
  if (typeof line !== 'string' || (input !== undefined && typeof input !== 'string')) throw notACommand()
  if (program === 'helm') return checkHelm(words)
  const own = ownWords(words)
  if (own.includes('config') && own.includes('view') && own.some((word) => /^--raw(=|$)/.test(word)))
    throw new UserError(
      'The credentials of a cluster do not leave the desktop.',
      'In a terminal `drydock kubeconfig` prints the kubeconfig of a cluster of your own.',
    )
  if (own[0] === 'config' && /^(set|unset|use|delete|rename)/.test(own[1] ?? ''))
    throw new UserError(
      'A console keeps no kubeconfig: what this changes would be gone at once.',
      'The namespace is chosen above the console, another cluster in the rail.',
    )
}

/** The same of what is being written. */
export function checkCompletion({ program, words, namespace }: CompletionWish): void {
  checkWords(program, words, namespace)
}

/** Helm starts no other program here: none that changes what is rendered, and no plugin. */
function checkHelm(words: readonly string[]): void {
  if (words.some((word) => /^--post-renderer(-args)?(=|$)/.test(word)) || words[0] === 'plugin')
    throw new UserError(
      'A console runs kubectl and helm alone, so helm starts no plugin and no post-renderer here.',
      'Run it in a terminal; `drydock kubeconfig` names the cluster.',
    )
}

/** Flags that lead to another cluster than the one on screen, or to files that name programs to run. */
const elsewhere = {
  kubectl: /^--(kubeconfig|kuberc|server)(=|$)/,
  helm: /^--(kubeconfig|kube-(apiserver|context|ca-file|token|tls-server-name|insecure-skip-tls-verify))(=|$)/,
}

function checkWords(program: unknown, words: unknown, namespace: unknown): asserts words is string[] {
  if (program !== 'kubectl' && program !== 'helm') throw notACommand()
  if (!isWords(words) || typeof namespace !== 'string' || !NAMESPACE_FORM.test(namespace)) throw notACommand()
  const found = ownWords(words).find((word) => elsewhere[program].test(word))
  if (found)
    throw new UserError(
      `This console speaks to the cluster on screen, so ${found.replace(/=.*/s, '')} is not taken.`,
      'Choose the other cluster in the rail and open a console there.',
    )
}

/** What follows `--` is for a container. */
const ownWords = (words: readonly string[]): readonly string[] =>
  words.includes('--') ? words.slice(0, words.indexOf('--')) : words

const isWords = (words: unknown): words is string[] =>
  Array.isArray(words) &&
  words.every((word) => typeof word === 'string' && !word.includes('\0')) &&
  words.reduce((sum: number, word: string) => sum + word.length, 0) <= MOST_LETTERS

const notACommand = (): UserError => new UserError('That is no command for kubectl or helm.')
