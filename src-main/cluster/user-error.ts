/** A failure that the user can do something about: one sentence on what happened, one on the remedy. */
export class UserError extends Error {
  override readonly name = 'UserError'
  readonly remedy: string | undefined

  constructor(message: string, remedy?: string, options?: ErrorOptions) {
    super(message, options)
    this.remedy = remedy
  }

  /** Both sentences, for a terminal. */
  describe(): string {
    return this.remedy ? `${this.message}\n${this.remedy}` : this.message
  }
}
