/** Manifests in files of this machine, as text for the editor. */

/** Bytes of the largest file that is taken: more is no manifest that a person edits. */
const largest = 4 << 20

/** What files that were dropped or chosen hold, as one text for the editor. */
export interface ManifestText {
  /** All of it, one document after the other, each file's after a comment with its name. */
  text: string
  /** Names of files that are too large, or whose names are not those of manifests. */
  refused: string[]
}

const isManifest = ({ name, size }: File): boolean => /\.(ya?ml|json)$/i.test(name) && size <= largest

/** The files in the order of their names, as `kubectl apply -f FOLDER` takes them. */
export async function readManifestFiles(files: readonly File[]): Promise<ManifestText> {
  const inOrder = files.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const texts = await Promise.all(
    inOrder.filter(isManifest).map(async (file) => `# ${file.name}\n${(await file.text()).trim()}\n`),
  )
  return {
    text: texts.join('---\n'),
    refused: inOrder.filter((file) => !isManifest(file)).map(({ name }) => name),
  }
}

/** What is in the editor already, and further documents behind it. */
export const withDocuments = (draft: string, more: string): string =>
  draft.trim() === '' ? more : `${draft.trimEnd()}\n---\n${more}`
