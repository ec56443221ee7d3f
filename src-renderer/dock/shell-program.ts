/** What a terminal runs in its container. Pure. */

/** The best shell that a container has. */
const best = ['/bin/sh', '-c', 'export TERM=xterm-256color; [ -x /bin/bash ] && exec /bin/bash || exec /bin/sh']

/** Offered beside whatever else a person types. */
export const programs = ['bash', 'sh', 'ash', 'zsh', 'python3'] as const

/** The command of what a person typed, `psql -U "my app"`; nothing typed means the best shell there is. */
export function commandOf(program: string): string[] {
  const words = wordsOf(program)
  return words.length > 0 ? words : best
}

/** Words as a shell would split them: quotes keep spaces, and a backslash keeps what follows it, but between single quotes. */
function wordsOf(text: string): string[] {
  const parts = /(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"?|'[^']*'?|\\$)+/gs
  return [...text.matchAll(parts)].map(([word]) => unquoted(word))
}

const unquoted = (word: string): string =>
  word.replace(/"((?:[^"\\]|\\.)*)"?|'([^']*)'?|\\(.)/gs, (_all, double?: string, single?: string, kept?: string) =>
    double === undefined ? (single ?? kept ?? '') : double.replace(/\\(["\\$`])/g, '$1'),
  )
