/** A text that is no expression, in the words and with the place that cel-go tells. */
export class CelSyntaxError extends Error {
  override readonly name = 'CelSyntaxError'

  /** @param at offset in `text`. */
  constructor(text: string, at: number, words: string) {
    const before = text.slice(0, at).split('\n')
    const line = text.split('\n')[before.length - 1] ?? ''
    const column = before.at(-1)!.length
    super(`ERROR: <input>:${before.length}:${column + 1}: ${words}\n | ${line}\n | ${'.'.repeat(column)}^`)
  }

  /** As whoever defines the expression is told. */
  get refusal(): string {
    return `compilation failed: ${this.message}`
  }
}

/** An expression of which no program can be made, though there is nothing wrong with the expression itself. */
export class CelProgramError extends CelSyntaxError {
  constructor(words: string) {
    super('', 0, words)
    this.message = words
  }

  override get refusal(): string {
    return `program instantiation failed: ${this.message}`
  }
}

/** An expression that cannot be evaluated on these values. */
export class CelError extends Error {
  override readonly name: string = 'CelError'
}

/** An evaluation that costs too much: unlike other errors, it is one whatever the rest of the expression comes to. */
export class CostError extends CelError {
  override readonly name: string = 'CostError'
}
