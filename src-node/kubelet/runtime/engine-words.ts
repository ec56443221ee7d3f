import { runtimeWords } from './runtime-words.ts'

/** What the engine's client library puts before the engine's own words. */
const PREFIX = /^\(HTTP code \d+\) [^-]* - /

/** What the engine itself said about a failure. */
export function engineWords(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error)
  return runtimeWords(words.replace(PREFIX, '').trimEnd())
}
