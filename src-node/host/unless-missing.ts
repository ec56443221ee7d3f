const missing = new Set(['ENOENT', 'ENOTDIR'])

/** What was asked of the file system; undefined when there is no such file, also where a part of its path is none. Throws whatever else went wrong. */
export async function unlessMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (missing.has((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
