/**
 * Consoles, in which the user's own kubectl and helm run. A console is the gateway's: a window looks at it by a stream of kind `console`, whose path
 * is its id and which first tells again what was said. On it come stdout, stderr, and between them notes ({@link ConsoleNote}, as JSON on
 * the channel `note`); what the window writes is the command's standard input, and an empty frame ends that.
 */
import type { MissingProgram } from './programs.ts'

/** Whether there is a kubectl on this machine. */
export interface KubectlState {
  version?: string
  path?: string
  /** Folder that relative paths begin at. */
  home: string
  /** Where there is none: the command that installs one on this system, or what `DRYDOCK_KUBECTL` names and cannot be run. */
  missing?: MissingProgram
}

/** What runs in a console. */
export type ConsoleProgram = 'kubectl' | 'helm'

/** One command for a console. */
export interface CommandWish {
  console: string
  /** As it was written: it is told again. */
  line: string
  program: ConsoleProgram
  /** Its arguments, without its name. */
  words: string[]
  /** What its output goes through, each as words: `["grep", "-i", "web"]`. */
  filters: string[][]
  /** Given to it whole on its standard input, which then ends. */
  input?: string
  /** Taken where the words name none. */
  namespace: string
}

/** What could stand where a command is being written. */
export interface CompletionWish {
  program: ConsoleProgram
  /** Those before, and the one that is being written, perhaps empty. */
  words: string[]
  namespace: string
}

/** What the program itself offers, and names of files where it asks for one. */
export interface Completion {
  candidates: Array<{ text: string; description: string }>
  /** Nothing is set behind the word: it goes on. */
  goesOn: boolean
}

/** What happens in a console, in order with what is said. */
export type ConsoleNote =
  | { type: 'began'; line: string; namespace: string }
  /** Written to the standard input. */
  | { type: 'typed'; text: string }
  /** By its code, or by a signal; `message` says why it did not even begin. */
  | { type: 'ended'; code?: number; signal?: string; message?: string }
  /** What was said before is not kept any more. */
  | { type: 'cut' }

/** What the app does with kubectl to any cluster that it reaches. */
export interface KubectlActions {
  'kubectl.state': { input: Record<string, never>; result: KubectlState }
  /** Resolves when the command has ended; what it says comes on the console's stream. */
  'kubectl.run': { input: CommandWish; result: { succeeded: boolean } }
  /** As Ctrl-C does; when asked again, or after some seconds, by force. */
  'kubectl.interrupt': { input: { console: string }; result: null }
  /** Forgets what was said. */
  'kubectl.clear': { input: { console: string }; result: null }
  /** Ends what runs there and forgets the console. */
  'kubectl.close': { input: { console: string }; result: null }
  'kubectl.complete': { input: CompletionWish; result: Completion }
}
