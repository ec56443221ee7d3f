import { isNotFound } from '../../../src-kube/machinery/errors.ts'

/** The answer of a request; undefined when the object was not there (any more). */
export async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
