import { CostError } from '../errors.ts'
import { PER_OBJECT } from './limits.ts'

/** There is not enough left for what an evaluation took: nothing more is evaluated. */
export class BudgetError extends CostError {
  override readonly name = 'BudgetError'
  constructor() {
    super('validation failed due to running out of cost budget, no further validation rules will be run')
  }
}

/** What evaluations that belong together may cost. */
export class Budget {
  #left: number

  constructor(most = PER_OBJECT) {
    this.#left = most
  }

  get isSpent(): boolean {
    return this.#left < 0
  }

  /** Throws {@link BudgetError} for more than there is left; then nothing is. */
  spend(cost: number): void {
    this.#left = cost > this.#left ? -1 : this.#left - cost
    if (this.#left < 0) throw new BudgetError()
  }

  /** Ends it: what came of one evaluation rules out all others. */
  end(): void {
    this.#left = -1
  }
}
